// Of the choices about what a hart counts: what is looked at, and what that is for each of them.
import type { Choices, Look } from './choices-access.fixture.ts'
import type { Parameters } from './parameters.ts'
import { base, code, machineOf, type Given } from './running.fixture.ts'

/** Counters 3 to 5 once the instructions were done, whose events are these; `last` of them at last. */
const counted = (selectors: readonly bigint[], given: Given, steps = given.words!.length) => (choices: Choices): unknown => {
  const m = machineOf({ x: { 11: base }, ...given, choices })
  selectors.forEach((selector, n) => m.bank('mhpmevent').set(BigInt(n + 3), selector))
  m.run(steps)
  return selectors.map((_, n) => m.bank('mhpmcounter').get(BigInt(n + 3)))
}
/** lw a0, 0(a1); sw a0, 0(a1); add a0, a0, a0; beq x0, x0, 4; bne x0, x0, 4; c.beqz x8, 2; csrr a0, mscratch; c.lw x9, 0(x11); ebreak */
const [lw, sw, add, taken, untaken, takenC, csrr, clw, ebreak] = [0x0005a503, 0x00a5a023, 0x00a50533, 0x00000263, 0x00001263, 0xc009, 0x34002573, 0x4184, 0x00100073]
/** csrw mhpmcounter3, a2; csrr a0, mhpmcounter3; csrw mhpmevent3, a2; csrw mcountinhibit, a2 */
const [writeCounter, readCounter, writeEvent, inhibit] = [0xb0361073, 0xb0302573, 0x32361073, 0x32061073]
const one = { events: [{ selector: 1n, counts: 'instructions' }] } as const
/** SiFive's classes, which are masks. */
const masks = { events: [{ selector: 0x200n, mask: 0x2ffn, counts: 'loads' }, { selector: 0x4000n, mask: 0x40ffn, counts: 'branches' }] } as const
const traps = { events: [{ selector: 1n, counts: 'exceptions' }, { selector: 2n, counts: 'interrupts' }, { selector: 3n, counts: 'trap returns' }] } as const
const words = [lw, sw, add, clw, taken, untaken, takenC, csrr]

const kinds = (...names: readonly NonNullable<Parameters['events']>[number]['counts'][]): Choices => ({ events: names.map((counts, n) => ({ selector: BigInt(n + 1), counts })) })

export const eventCases = {
  events: [
    [counted([1n, 2n, 0n], { words }), [{}, [0n, 0n, 0n]], [one, [8n, 0n, 0n]], [kinds('loads', 'stores'), [2n, 1n, 0n]], [kinds('branches', 'taken branches'), [3n, 2n, 0n]], [kinds('integer arithmetic', 'system instructions'), [1n, 1n, 0n]]],
    // Two events of one content are counted once of each instruction, masks as they are.
    [counted([1n], { words }), [{ events: [{ selector: 1n, counts: 'branches' }, { selector: 1n, counts: 'taken branches' }, { selector: 1n, counts: 'loads' }] }, [5n]]],
    [counted([0x4200n, 0x200n, 0x4201n], { words }), [masks, [5n, 2n, 0n]], [{ events: [{ selector: 0x4200n, counts: 'loads' }] }, [2n, 0n, 0n]]],
    // What is written is what is read next; what is read is the count before; another event counts from the next instruction on.
    [counted([1n], { words: [add, writeCounter, add, add], x: { 12: 100n } }), [{}, [100n]], [one, [102n]]],
    [(choices) => { const m = machineOf({ words: [add, readCounter], choices }); m.bank('mhpmevent').set(3n, 1n); m.run(2); return [m.bank('x').get(10n), m.bank('mhpmcounter').get(3n)] }, [{}, [0n, 0n]], [one, [1n, 2n]]],
    [counted([1n, 1n], { words: [add, writeEvent, add, add], x: { 12: 7n } }), [one, [2n, 4n]]],
    // Inhibited from the next instruction on; of few bits; of counters that there are.
    [counted([1n, 1n], { words: [add, inhibit, add, add], x: { 12: 8n } }), [one, [2n, 4n]], [{ ...one, counterInhibit: 0n }, [4n, 4n]]],
    [counted([1n, 1n], { words }), [{ ...one, performanceCounterBits: 3 }, [0n, 0n]], [{ ...one, performanceCounterBits: 2 }, [0n, 0n]], [{ ...one, performanceCounterBits: 0 }, [0n, 0n]], [{ ...one, performanceCounters: 16n }, [0n, 8n]]],
    [(choices) => { const m = machineOf({ words, x: { 11: base }, choices }); m.bank('mhpmevent').set(31n, 1n); m.bank('mhpmcounter').set(31n, (1n << 40n) - 3n); m.run(8); return m.bank('mhpmcounter').get(31n) }, [{ ...one, performanceCounterBits: 40 }, 5n], [one, (1n << 40n) + 5n]],
    // An instruction that traps is none, but takes its cycles; as does a fetch that fails. An interrupt takes none.
    [counted([1n, 2n, 3n], { words: [add, ebreak], registers: { 'mtvec.BASE': 0n } }, 3), [kinds('instructions', 'cycles', 'exceptions'), [1n, 3n, 2n]], [{ ...kinds('instructions', 'cycles', 'exceptions'), cycles: 3 }, [1n, 9n, 2n]]],
    [counted([1n, 2n, 3n], { words: [add, add], registers: { 'mip.MSIP': 1n, 'mie.MSIE': 1n, 'mstatus.MIE': 1n, 'mtvec.BASE': (code + 4n) >> 2n } }, 2), [traps, [0n, 1n, 0n]], [kinds('cycles', 'instructions'), [1n, 1n, 0n]]],
    [counted([1n, 2n, 3n], { words: [0x30200073] }), [traps, [0n, 0n, 1n]], [kinds('system instructions', 'instructions'), [1n, 1n, 0n]]],
    // By halves on RV32, which has 32 bits of mhpmevent: csrw mhpmcounter3h, a2.
    [counted([1n], { name: 'riscv32', words: [add, add, 0xb8361073, add], x: { 12: 5n } }), [{}, [5n << 32n]], [one, [(5n << 32n) | 3n]]],
    // A mode with XLEN = 32 on RV64.
    [counted([1n, 2n], { words: [add, clw, takenC], x: { 11: base - 0x8000_0000n }, registers: { priv: 0n, 'mstatus.UXL': 1n } }, 1), [{ ...kinds('instructions', 'integer arithmetic'), UXL: 'writable' }, [1n, 1n]]],
  ],
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
