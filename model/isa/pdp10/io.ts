// Input and output: eight functions for the processor (APR), the interrupt system (PI) and every other device.
import { instruction, set, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Register } from '../../ir/state.ts'
import { and, concat, constant, eq, extract, False, ite, not, or, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { addressing, advanced, countedOut, encoding, isZero, rightHalf, section, skip, word, type AddressOperand } from './address.ts'
import { confined, type AprFunction, type Layout, type PiFunction, type State } from './state.ts'

/** What a device does with words and conditions. */
interface Device {
  readonly data: Term
  readonly conditions: Term
  readonly takeData: (word: Term) => readonly Statement[]
  /** Conditions out: the effective address. */
  readonly takeConditions: (conditions: Term) => readonly Statement[]
}

/** Bits of an instruction word between 7 and the function: the device's code, fixed or in part an operand. */
interface Code {
  readonly name: string
  readonly format: Format
  readonly fixed: Readonly<Record<string, number>>
  readonly device: (operand: Term | undefined) => Device
}

export const io = (s: State): Instruction[] =>
  [processor(s), interruptSystem(s), ...[1, 2, 3, 4, 5, 6].map((free) => otherDevices(s, free))]
    .flatMap((code) => functions(s, code))

const functions = (s: State, code: Code): Instruction[] => {
  const { read, write, effective } = addressing(s)
  const define = (n: number, name: string, does: (d: Device, e: Term) => readonly Statement[]): Instruction =>
    instruction<AddressOperand | 'device'>({
      name: `${name} ${code.name},`, source: section('Input-Output', name),
      encoding: encoding(s, { inOut: 3, ...code.format, function: 3 }, { inOut: 7, ...code.fixed, function: n }),
      does: (o) => {
        const e = effective(o)
        return [...e.bounded, trapIf(confined(s), 'UUO'), ...does(code.device(o.device), e.address)]
      },
    })
  /** A block transfer counts its pointer, moves one word, and skips unless the count is exhausted. */
  const block = (e: Term, transfer: (at: Term, pointer: Term) => readonly Statement[]): Statement[] => {
    const pointer = advanced(read(e))
    return [...write(e, pointer), ...transfer(rightHalf(pointer), pointer), skip(s, not(countedOut(pointer)))]
  }
  const chosen = (d: Device, e: Term): Term => and(rightHalf(d.conditions), e)
  return [
    define(0, 'BLKI', (d, e) => block(e, (at) => write(at, d.data))),
    define(1, 'DATAI', (d, e) => write(e, d.data)),
    define(2, 'BLKO', (d, e) => block(e, (at, pointer) => d.takeData(ite<number>(eq(at, e), pointer, read(at))))),
    define(3, 'DATAO', (d, e) => d.takeData(read(e))),
    define(4, 'CONO', (d, e) => d.takeConditions(e)),
    define(5, 'CONI', (d, e) => write(e, d.conditions)),
    define(6, 'CONSZ', (d, e) => [skip(s, isZero(chosen(d, e)))]),
    define(7, 'CONSO', (d, e) => [skip(s, not(isZero(chosen(d, e))))]),
  ]
}

/** Device codes 0..01 followed by `free` bits; each device keeps one word of data and half a word of conditions. */
const otherDevices = (s: State, free: number): Code => {
  const operand = Math.min(free, s.sizes.device), spare = free - operand
  const octal = (code: number): string => (code * 4).toString(8).padStart(3, '0')
  return {
    name: `${octal(2 ** free)}-${octal(2 ** (free + 1) - 1)}`,
    format: { range: 7 - free, ...(spare === 0 ? {} : { spare }), device: operand },
    fixed: { range: 1, ...(spare === 0 ? {} : { spare: 0 }) },
    device: (n) => {
      const index = extract(concat(constant(7 - free, 1), zeroExtend(n!, free)), s.sizes.device - 1, 0)
      const data = cell(s.DATA, index), status = cell(s.STATUS, index)
      return {
        data: get(data), conditions: word(s, get(status)),
        takeData: (value) => [set(data, value)],
        takeConditions: (conditions) => [set(status, conditions)],
      }
    },
  }
}

/** The device APR: data out sets protection and relocation, data in reads the console's switches. */
const processor = (s: State): Code => {
  const { half, block, aprStatus, aprFunctions, channelNumber } = s.sizes
  const part = half - block
  const { OV, FOV } = s.flags, c = s.conditions
  const has = bitsOf<AprFunction>(aprFunctions)
  /** Both to set and to clear: the later of the two in the manual's list, which is to clear, wins. */
  const enable = (e: Term, r: Register<1>, on: AprFunction, off: AprFunction): Statement[] => [
    set(r, not(has(e, off)), or(has(e, on), has(e, off))),
  ]
  return {
    name: 'APR', format: { device: 7 }, fixed: { device: 0 },
    device: () => ({
      data: get(s.SWITCHES),
      conditions: conditionWord(s, aprStatus, { ...s.flags, ...c, 'APR-PIA': s.APR_PIA }),
      takeData: (w) => [
        set(s.PL, extract(w, s.word - 1, s.word - part)),
        set(s.RL, extract(w, half - 1, half - part)),
      ],
      takeConditions: (e) => [
        set(s.APR_PIA, extract(e, (aprFunctions.PIA ?? 0) + channelNumber - 1, aprFunctions.PIA ?? 0)),
        set(OV, 0, has(e, 'clear OV')), set(FOV, 0, has(e, 'clear FOV')),
        set(c.CLK, 0, has(e, 'clear CLK')), set(c.NXM, 0, has(e, 'clear NXM')),
        set(c.MPV, 0, has(e, 'clear MPV')), set(c['PDL-OV'], 0, has(e, 'clear PDL-OV')),
        ...enable(e, c['OV-ENABLED'], 'enable OV', 'disable OV'),
        ...enable(e, c['FOV-ENABLED'], 'enable FOV', 'disable FOV'),
        ...enable(e, c['CLK-ENABLED'], 'enable CLK', 'disable CLK'),
      ],
    }),
  }
}

/** The device PI: conditions out turn channels and the system on and off, data out shows in the console's lights. */
const interruptSystem = (s: State): Code => {
  const { piStatus, piFunctions, channels } = s.sizes
  const has = bitsOf<PiFunction>(piFunctions)
  const none = constant<number>(channels, 0)
  return {
    name: 'PI', format: { device: 7 }, fixed: { device: 1 },
    device: () => ({
      data: constant(s.word, 0),
      conditions: conditionWord(s, piStatus, { PIE: s.PIE, 'PI-ON': s.PI_ON, PIH: s.PIH }),
      takeData: (w) => [set(s.LIGHTS, w)],
      takeConditions: (e) => {
        const selected = piFunctions.select === undefined ? none : extract(e, piFunctions.select + channels - 1, piFunctions.select)
        const where = (f: PiFunction): Term => ite<number>(has(e, f), selected, none)
        const kept = (r: Register): Term => ite<number>(has(e, 'clear'), none, get(r))
        return [
          set(s.PI_ON, and(has(e, 'on'), not(has(e, 'off'))), or(has(e, 'clear'), or(has(e, 'on'), has(e, 'off')))),
          set(s.PIE, or(and(kept(s.PIE), not(where('disable'))), where('enable'))),
          set(s.PIR, or(kept(s.PIR), where('request'))),
          set(s.PIH, kept(s.PIH)),
        ]
      },
    }),
  }
}

/** Whether a function's bit is set in the conditions out; a machine too small for it never has it. */
const bitsOf = <F extends string>(layout: Layout<F>) => (e: Term, f: F): Bool => {
  const at = (layout as Readonly<Record<string, number | undefined>>)[f]
  return at === undefined ? False : extract<1>(e, at, at)
}

const conditionWord = <K extends string>(s: State, layout: Layout<K>, registers: Readonly<Record<K, Register>>): Term => {
  const entries = (Object.entries(layout) as [K, number][]).sort(([, a], [, b]) => b - a)
  const parts: Term[] = []
  let next = s.word
  for (const [name, low] of entries) {
    const r = registers[name], high = low + r.width
    if (high < next) parts.push(constant(next - high, 0))
    parts.push(get(r))
    next = low
  }
  if (next > 0) parts.push(constant(next, 0))
  return parts.length === 1 ? parts[0]! : concat(parts[0]!, parts[1]!, ...parts.slice(2))
}
