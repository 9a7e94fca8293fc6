// GDB's remote serial protocol: packets from bytes, and what each does to a hart.
import { describe, expect, it, test } from 'vitest'
import { addi, base, bench, getLong, jal, load, nop, put, s } from '../../cpu/riscv/bench.fixture.ts'
import type { Hart } from '../../cpu/riscv/hart.ts'
import { bytesOf, frame, hexOf, longestBody, PacketReader } from './packets.ts'
import { Stub } from './stub.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
const text = (of: Uint8Array): string => String.fromCharCode(...of)

describe('packets', () => {
  it('come in any pieces, with escapes and checksums', () => {
    const all = [...frame('m80000000,4'), 3, ...frame('X1,4:$#}*'), 0x2b, ...bytes('$g#00')]
    const expected = [{ kind: 'packet', body: 'm80000000,4' }, { kind: 'interrupt' }, { kind: 'packet', body: 'X1,4:$#}*' }, { kind: 'acknowledged' }, { kind: 'damaged' }]
    expect(new PacketReader().take(Uint8Array.from(all))).toEqual(expected)
    const reader = new PacketReader()
    expect(all.flatMap((byte) => reader.take(Uint8Array.of(byte)))).toEqual(expected)
    expect(text(frame('OK'))).toBe('$OK#9a')
    expect(new PacketReader().take(bytes('$OK#zz'))).toEqual([{ kind: 'damaged' }])
  })
  it('have an end', () => {
    expect(() => new PacketReader().take(bytes(`$${'a'.repeat(longestBody + 1)}`))).toThrow(/at most 16384/)
    expect(() => new PacketReader().take(bytes('GET / HTTP/1.0'))).toThrow('0x47 begins no packet')
  })
  it('hold bytes in hexadecimal', () => {
    expect([hexOf(Uint8Array.of(0, 0xab)), bytesOf('00aB'), bytesOf('0'), bytesOf('0g')]).toEqual(['00ab', Uint8Array.of(0, 0xab), undefined, undefined])
  })
})

/** A stub on a hart of its own; `ask` gives the bodies that come back. */
const debugging = (words: readonly number[] = [addi(1, 1, 1), s(3, 2, 1, 0), load(3, 3, 2, 0), nop, jal(0, -16)]) => {
  const hart = bench(), answers: string[] = []
  put(hart, base, words)
  hart.x[2] = BigInt(base + 0x800)
  const stub = new Stub()
  stub.around = { reset: () => {}, rom: (physical) => (physical === 0x1000 ? 0x97 : undefined) }
  const port = stub.port(hart)
  stub.connect((out) => {
    for (const [, body] of text(out).matchAll(/\$([^#]*)#/g)) answers.push(body!)
  })
  const ask = (body: string): string | undefined => {
    stub.receive(frame(body))
    return answers.splice(0)[0]
  }
  /** Lets the machine do what was asked for, and gives what is said then. */
  const go = (body: string, most = 1000): string | undefined => {
    expect(ask(body)).toBeUndefined()
    const single = stub.wish === 'step'
    const ended = port.run(hart.steps() + (single ? 1 : most))
    if (ended === 'stopped') stub.held()
    else if (single) stub.stepped()
    return answers.splice(0)[0]
  }
  return { hart, stub, ask, go }
}
const little = (value: bigint): string => hexOf(new Uint8Array(new BigUint64Array([value]).buffer))

describe('a debugger', () => {
  it('reads and writes registers', () => {
    const { hart, ask } = debugging()
    expect(ask('p2')).toBe(little(BigInt(base + 0x800)))
    expect([ask(`P5=${little(7n)}`), ask(`P20=${little(0x8000_0005n)}`), ask(`P21=${little(3n)}`), ask(`P341=${little(0x6000n)}`), ask(`P1041=${little(1n)}`)]).toEqual(Array.from({ length: 5 }, () => 'OK'))
    expect([hart.x[5], hart.pc, hart.f[0], hart.csr(0x300), hart.mode]).toEqual([7n, 0x8000_0004n, 3n, 0x8000_000a_0000_6000n, 1])
    expect([ask('p341'), ask('p1041'), ask('p21')]).toEqual([little(0x8000_000a_0000_6000n), little(1n), little(3n)])
    // mvendorid and cycle are read-only, misa is WARL.
    expect([0xf11, 0xc00, 0x301].map((csr) => ask(`P${(65 + csr).toString(16)}=${little(5n)}`))).toEqual(['E01', 'E01', 'OK'])
    expect([ask(`P1041=${little(2n)}`), ask('p9999'), ask(`P9999=${little(1n)}`), ask('pz'), ask('P1'), ask('P1=zz'), ask(`P0=${little(1n)}`), hart.x[0]]).toEqual(['E01', 'E01', 'E01', 'E01', 'E01', 'E01', 'OK', 0n])
    const all = ask('g')!
    expect([all.length, all.slice(5 * 16, 6 * 16), all.slice(32 * 16)]).toEqual([33 * 16, little(7n), little(0x8000_0004n)])
    expect([ask(`G${little(0n)}${little(9n)}`), hart.x[1], ask('Gxyz'), ask(`G${all}00`)]).toEqual(['OK', 9n, 'E01', 'E01'])
  })

  it('reads and writes memory as the present mode sees it, and leaves devices alone', () => {
    const { hart, ask } = debugging()
    expect([ask('M80000900,3:010203'), ask('m80000900,4'), ask('X80000902,2:}\u0003#'), ask('m80000900,4')]).toEqual(['OK', '01020300', 'E01', '01020300'])
    expect([ask('X80000902,2:$#'), ask('m80000902,2'), ask('X80000900,0:')]).toEqual(['OK', '2423', 'OK'])
    hart.device.set(0x1000_0000, 5n)
    expect([ask('m10000000,1'), ask('M10000000,1:07'), hart.device.get(0x1000_0000), ask('m1000,4'), ask('m800ffffe,8'), ask('m,'), ask('M80000000,2:01'), ask('m0,fffff')])
      .toEqual(['E01', 'E01', 5n, '97', '0000', 'E01', 'E01', 'E01'])
    // Sv39 with no page at all; physical addresses go on.
    for (const [number, value] of [[0x3b0, -1n], [0x3a0, 0x1fn], [0x180, 8n << 60n | BigInt(base + 0x1_0000 >>> 12)]] as const) hart.setCsr(number, value)
    hart.mode = 1
    expect([ask('m80000900,1'), ask('Qqemu.PhyMemMode:1'), ask('m80000900,1'), ask('M80000900,1:55'), ask('qqemu.PhyMemMode'), ask('m1000,1'), ask('M1000,1:00')]).toEqual(['E01', 'OK', '01', 'OK', '1', '97', 'E01'])
    expect(getLong(hart, base + 0x900) & 0xffn).toBe(0x55n)
  })

  it('steps, runs to breakpoints, and goes over them', () => {
    const { hart, ask, go } = debugging()
    expect([ask('?'), ask('Z0,80000008,4'), ask('Z1,8000000c,2')]).toEqual(['T05thread:1;', 'OK', 'OK'])
    expect([go('vCont;c'), hart.pc, go('s'), go('c'), hart.pc]).toEqual(['T05thread:1;swbreak:;', BigInt(base + 8), 'T05thread:1;hwbreak:;', 'T05thread:1;hwbreak:;', BigInt(base + 12)])
    expect([ask('z1,8000000c,2'), go('vCont;s:1;c'), hart.pc, go('c'), hart.pc, hart.x[1]]).toEqual(['OK', 'T05thread:1;', BigInt(base + 16), 'T05thread:1;swbreak:;', BigInt(base + 8), 2n])
    expect([go('c80000004'), hart.steps()]).toEqual(['T05thread:1;swbreak:;', 8])
    expect([ask('Z0,xyz,4'), ask('Z7,0,4'), ask('cq'), ask('vCont;x')]).toEqual(['E01', '', 'E01', 'E01'])
  })

  it('stops before the instruction that touches what is watched', () => {
    const touched = (kind: string): readonly [string | undefined, number] => {
      const { hart, ask, go } = debugging()
      expect(ask(`${kind},80000804,4`)).toBe('OK')
      const said = go('c')
      return [said, Number(hart.pc) - base]
    }
    expect([touched('Z2'), touched('Z3'), touched('Z4')]).toEqual([
      ['T05thread:1;watch:80000804;', 4], ['T05thread:1;rwatch:80000804;', 8], ['T05thread:1;awatch:80000804;', 4],
    ])
    const again = debugging()
    expect([again.ask('Z4,80000800,8'), again.go('c'), again.go('c'), again.hart.pc, again.go('s'), again.hart.pc, again.go('c'), again.hart.x[1]]).toEqual([
      'OK', 'T05thread:1;awatch:80000800;', 'T05thread:1;awatch:80000800;', BigInt(base + 8), 'T05thread:1;', BigInt(base + 12), 'T05thread:1;awatch:80000800;', 2n,
    ])
    const { ask, go } = debugging()
    expect([ask('Z2,80000900,8'), go('c', 50), ask('z2,80000900,8')]).toEqual(['OK', undefined, 'OK'])
  })

  it('interrupts, detaches, kills', () => {
    const { stub, ask } = debugging()
    expect([ask('c'), stub.wish]).toEqual([undefined, 'run'])
    stub.receive(Uint8Array.of(3))
    expect([stub.wish, ask('?'), ask('D'), stub.wish]).toEqual(['stay', 'T02thread:1;', 'OK', 'run'])
    expect([debugging().ask('vKill;1'), debugging().ask('k')]).toEqual(['OK', undefined])
    const killed = debugging()
    killed.ask('k')
    killed.stub.receive(Uint8Array.of(3))
    killed.stub.connect(() => {})
    expect(killed.stub.wish).toBe('end')
  })

  it('describes its registers, in pieces', () => {
    const { ask, hart } = debugging()
    let xml = '', piece: string
    do {
      piece = ask(`qXfer:features:read:target.xml:${xml.length.toString(16)},400`)!
      xml += piece.slice(1)
    } while (piece.startsWith('m'))
    expect(xml).toMatch(/^<\?xml.*<\/target>$/)
    expect([...xml.matchAll(/<reg /g)].length).toBe(32 + 1 + 32 + hart.csrs.length + 1)
    expect(xml).toContain('<reg name="mstatus" bitsize="64" regnum="833" type="int"/>')
    expect(xml).not.toContain('"csr')
    expect([ask('qXfer:features:read:other.xml:0,10'), ask('qXfer:memory-map:read::0,10')]).toEqual(['E00', ''])
  })

  it('may do without acknowledgements, and gets a packet again that it refuses', () => {
    const sent: string[] = [], stub = new Stub()
    stub.port(bench())
    stub.connect((out) => sent.push(text(out)))
    stub.receive(frame('qC'))
    stub.receive(bytes('-$qC#00'))
    stub.receive(frame('QStartNoAckMode'))
    stub.receive(frame('qC'))
    expect(sent).toEqual(['+', '$QC1#c5', '$QC1#c5', '-', '+', '$OK#9a', '$QC1#c5'])
  })

  it('answers the rest of what gdb asks', () => {
    const { ask } = debugging()
    expect(ask('qSupported:multiprocess+;swbreak+')).toMatch(/^PacketSize=4000;qXfer:features:read\+/)
    expect([ask('Hg0'), ask('qfThreadInfo'), ask('qsThreadInfo'), ask('qAttached'), ask('vMustReplyEmpty'), ask('qTStatus'), ask('vCont?')]).toEqual(['OK', 'm1', 'l', '1', '', '', 'vCont;c;C;s;S'])
    expect([ask(`qRcmd,${hexOf(bytes('steps'))}`), ask(`qRcmd,${hexOf(bytes('what'))}`), ask('qRcmd,x'), ask(`qRcmd,${hexOf(bytes('reset'))}`)].map((a) => text(bytesOf(a!) ?? bytes(a!)))).toEqual([
      '0\n', expect.stringContaining('help') as unknown, 'E01', 'OK',
    ])
  })
})

test('no packet breaks it', () => {
  const { stub } = debugging()
  let state = 1
  const random = (limit: number): number => {
    state = state * 1_103_515_245 + 12_345 & 0x7fff_ffff
    return (state >> 8) % limit
  }
  const pieces = ['m', 'M', 'X', 'p', 'P', 'G', 'Z0', 'Z2', 'z4', 'vCont;', 'vCont;s:', 'qXfer:features:read:target.xml:', 'qRcmd,', 'Qqemu.PhyMemMode:', 'C05;', 'c', ',', ':', ';', '=', 'ffffffffffffffff', '0', '80000000', '-1', 'zz', '\u00ff', '']
  for (let n = 0; n < 3000; n++) {
    stub.receive(frame(Array.from({ length: random(6) }, () => pieces[random(pieces.length)]!).join('')))
  }
  const hart: Hart = bench()
  stub.port(hart)
  expect(stub.wish).toMatch(/stay|run|step|end/)
})
