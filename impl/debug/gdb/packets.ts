// The packets of GDB's remote serial protocol, from bytes and to bytes. Bodies are strings with a character for each byte.

export type Received =
  | { readonly kind: 'packet'; readonly body: string }
  /** A packet whose checksum is wrong. */
  | { readonly kind: 'damaged' }
  /** Ctrl-C. */
  | { readonly kind: 'interrupt' }
  /** The client got the last packet, or wants it again. */
  | { readonly kind: 'acknowledged' | 'refused' }

/** Characters in a body, escapes counted: what a client is told it may send. */
export const longestBody = 0x4000

/** What came is not the protocol. */
export class NoPacket extends Error {
  override readonly name = 'NoPacket'
}

const dollar = 0x24, hash = 0x23, escape = 0x7d, star = 0x2a, plus = 0x2b, minus = 0x2d, controlC = 0x03
const flipped = 0x20

/** Takes bytes as they come: a packet may be cut anywhere. */
export class PacketReader {
  private readonly body: number[] = []
  private at: 'between' | 'body' | 'high' | 'low' = 'between'
  private checksum = 0

  /** Throws NoPacket. */
  take(bytes: Uint8Array): Received[] {
    const received: Received[] = []
    for (const byte of bytes) {
      const one = this.next(byte)
      if (one) received.push(one)
    }
    return received
  }

  private next(byte: number): Received | undefined {
    switch (this.at) {
      case 'between': return this.begin(byte)
      case 'body':
        if (byte === hash) this.at = 'high'
        else if (this.body.length === longestBody) throw new NoPacket(`a packet has at most ${longestBody} characters`)
        else this.body.push(byte)
        return undefined
      case 'high':
        this.checksum = hexDigit(byte) << 4
        this.at = 'low'
        return undefined
      case 'low': {
        this.at = 'between'
        const body = this.body.splice(0), sum = body.reduce((all, b) => all + b, 0) & 0xff
        return sum === (this.checksum | hexDigit(byte)) ? { kind: 'packet', body: unescaped(body) } : { kind: 'damaged' }
      }
    }
  }

  private begin(byte: number): Received | undefined {
    switch (byte) {
      case dollar:
        this.at = 'body'
        return undefined
      case controlC: return { kind: 'interrupt' }
      case plus: return { kind: 'acknowledged' }
      case minus: return { kind: 'refused' }
      default: throw new NoPacket(`0x${byte.toString(16).padStart(2, '0')} begins no packet`)
    }
  }
}

/** A negative number where it is none: no checksum equals it. */
const hexDigit = (byte: number): number => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(digit) ? -1 : digit
}

const unescaped = (body: readonly number[]): string => {
  let text = ''
  for (let i = 0; i < body.length; i++) text += String.fromCharCode(body[i] === escape && i + 1 < body.length ? body[++i]! ^ flipped : body[i]!)
  return text
}

/** The packet with this body. */
export const frame = (body: string): Uint8Array => {
  const bytes = [dollar]
  let sum = 0
  const put = (byte: number): void => {
    bytes.push(byte)
    sum += byte
  }
  for (let i = 0; i < body.length; i++) {
    const byte = body.charCodeAt(i)
    if (byte === dollar || byte === hash || byte === escape || byte === star) {
      put(escape)
      put(byte ^ flipped)
    } else put(byte)
  }
  const checksum = (sum & 0xff).toString(16).padStart(2, '0')
  return Uint8Array.from([...bytes, hash, checksum.charCodeAt(0), checksum.charCodeAt(1)])
}

export const acknowledgement = Uint8Array.of(plus)
export const refusal = Uint8Array.of(minus)

/** Two digits for each byte. */
export const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** The bytes of hexadecimal digits; undefined when they are none. */
export const bytesOf = (hex: string): Uint8Array | undefined => {
  if (!/^([0-9a-fA-F]{2})*$/.test(hex)) return undefined
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}
