// Instructions of supervisor level: machine state, segment registers, TLBs, data cache invalidation, and the return from interrupts.
import { set, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, type Term } from '../../ir/term.ts'
import { define, formats, GPR, indexed, privileged, toGPR, translated, type Fixed, type Operands } from './notation.ts'
import { msrBit, msrPart, read, spr, write, type State } from './state.ts'

export const system = (s: State): Instruction[] => {
  const define8 = define('8.2 and 2.3')
  const instruction = (name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string): Instruction =>
    define8(name, format, fixed, (o) => [privileged(s), ...does(o)], note)
  const byRegister = { op: 6, r: 5, zero: 1, SR: 4, rest: 5, XO: 10, end: 1 }, segment = { op: 31, zero: 0, rest: 0, end: 0 }
  const SR = (n: Term) => cell(s.SR, n as Term<4>)
  const shown = (n: Term): Term<32> => {
    const content = get(SR(n))
    return concat<32>(extract(content, 27, 24), constant(4, 0), extract(content, 23, 0))
  }
  const taken = (value: Term<32>): Term<28> => concat<28>(extract(value, 31, 28), extract(value, 23, 0))
  /** Bits 0 to 3 of rB. */
  const chosen = (o: Operands): Term => extract(GPR(s, o['B']!), 31, 28)
  const entry = (o: Operands): Term<5> => extract<5>(GPR(s, o['B']!), 16, 12)
  const alone = { op: 31, D: 0, A: 0, B: 0, Rc: 0 }
  return [
    instruction('mfmsr', formats.X, { op: 31, A: 0, B: 0, XO: 83, Rc: 0 }, (o) => [toGPR(s, o['D']!, read(s.msr))]),
    instruction('mtmsr', formats.X, { op: 31, A: 0, B: 0, XO: 146, Rc: 0 }, (o) => write(s.msr, GPR(s, o['D']!))),
    // All but POW and ILE, which no interrupt saves.
    instruction('rfi', formats.X, { ...alone, op: 19, XO: 50 }, () => [
      ...write(s.msr.filter((p) => p.low < 16), spr(s, 'SRR1')), set(s.CIA, extract(spr(s, 'SRR0'), 31, 2)),
    ]),
    instruction('mfsr', byRegister, { ...segment, XO: 595 }, (o) => [toGPR(s, o['r']!, shown(o['SR']!))]),
    instruction('mfsrin', formats.X, { op: 31, A: 0, XO: 659, Rc: 0 }, (o) => [toGPR(s, o['D']!, shown(chosen(o)))]),
    instruction('mtsr', byRegister, { ...segment, XO: 210 }, (o) => [set(SR(o['SR']!), taken(GPR(s, o['r']!)))]),
    instruction('mtsrin', formats.X, { op: 31, A: 0, XO: 242, Rc: 0 }, (o) => [set(SR(chosen(o)), taken(GPR(s, o['D']!)))]),
    instruction('tlbie', formats.X, { op: 31, D: 0, A: 0, XO: 306, Rc: 0 }, (o) => [set(cell(s.ITLB, entry(o)), 0), set(cell(s.DTLB, entry(o)), 0)]),
    instruction('tlbsync', formats.X, { ...alone, XO: 566 }, () => []),
    instruction('dcbi', formats.X, { op: 31, D: 0, XO: 470, Rc: 0 }, (o) => [translated(s, indexed(s, o), 'write')],
      'caches are left out: it discards nothing'),
    ...(s.processor === '603e' ? [
      instruction('tlbld', formats.X, { op: 31, D: 0, A: 0, XO: 978, Rc: 0 }, (o) =>
        [set(cell(s.DTLB, entry(o)), concat(spr(s, 'DCMP'), spr(s, 'RPA')))]),
      instruction('tlbli', formats.X, { op: 31, D: 0, A: 0, XO: 1010, Rc: 0 }, (o) =>
        [set(cell(s.ITLB, entry(o)), concat(spr(s, 'ICMP'), spr(s, 'RPA')))]),
    ] : []),
  ]
}

/** Codes: the vector's offset over 256 in the high half, and the bit of SRR1 that tells the kind of a program interrupt. */
export const causes = {
  DSI: 0x30, alignment: 0x60, 'illegal instruction': 0x74, 'privileged instruction': 0x72, trap: 0x71,
  'floating-point unavailable': 0x80, 'system call': 0xc0, unmodelled: 0xff,
} as const

/** An interrupt: the address and MSR are saved, and the vector is entered in supervisor state, untranslated, with interrupts off. */
export const interrupt = (s: State, cause: Term): Statement[] => {
  const kept = ['ILE', 'ME', 'IP', 'LE'].map((name) => msrPart(s, name))
  const isCall = eq(cause, constant<number>(8, causes['system call']))
  const saved = ite<30>(isCall, add(get(s.CIA), constant(30, 1)), get(s.CIA))
  const kind = concat<32>(constant(12, 0), extract(cause, 2, 0), constant(1, 0), extract(read(s.msr), 15, 0))
  const prefix = ite<12>(msrBit(s, 'IP'), constant(12, 0xfff), constant(12, 0))
  return [
    ...write(s.spr['SRR0']!, concat<32>(saved, constant(2, 0))),
    ...write(s.spr['SRR1']!, ite<32>(isCall, read(s.msr.filter((p) => p.low < 16)), kind)),
    ...s.msr.filter((p) => !kept.includes(p)).map((p) => set(p.register, 0)),
    set(msrPart(s, 'LE').register, msrBit(s, 'ILE')),
    set(s.CIA, concat<30>(prefix, constant(8, 0), extract(cause, 7, 4), constant(6, 0))),
  ]
}
