// Of the choices about accesses to memory and reservations: what is looked at, and what that is for each of them.
import type { Parameters } from './parameters.ts'
import { base, code, machineOf, said, type Given } from './running.fixture.ts'

export type Choices = NonNullable<Given['choices']>
/** What is looked at, and what that is for each choice; the first case of a parameter has its default. */
export type Look = readonly [look: (choices: Choices) => unknown, ...(readonly [Choices, unknown])[]]

const a = base + 0x100n
/** lr.w a0, (a1); sc.w a2, a0, (a3); sw a0, 0(a4); lw a0, 0(a4) */
const [lr, sc, sw, lw] = [0x1005a52f, 0x18a6a62f, 0x00a72023, 0x00072503]

/** A page of a table: where it is, with flags. */
const page = (address: bigint, flags: bigint): bigint => ((address >> 12n) << 10n) | flags
const table = base + 0x1000n, megapage = 0xcfn
/** Loads and stores of M-mode as S-mode makes them, by one level of pages of 1 GiB that are all the first one of memory. */
const paged = {
  registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.PPN': table >> 12n },
  memory: [[table, page(base, megapage)], [table + 8n, page(base, megapage)], [table + 16n, page(base, megapage)]],
} as const satisfies Given

/** What the last of the steps, an SC, comes to after an LR from x11, and what x12 is then; x14 is another address. */
const fails = (words: readonly number[], more: Given = {}, steps = words.length) => (choices: Choices): unknown => {
  const m = machineOf({ x: { 11: a, 13: a, 14: a + 0x200n }, ...more, words, choices })
  m.run(steps - 1)
  return [said(m.step()), m.bank('x').get(12n)]
}
const fine = ['SC.W', 0n], failed = ['SC.W', 1n]
const unconstrained = { spuriousFailure: 'where unconstrained' } as const, afterStores = { spuriousFailure: 'after stores' } as const

export const accessCases = {
  reservationPlace: [
    [fails([lr, sc], { ...paged, x: { 11: 0x100n, 13: 0x4000_0100n } }), [{}, fine], [{ reservationPlace: 'physical and virtual address' }, failed]],
    [fails([lr, sc], { ...paged, x: { 11: 0x100n, 13: 0x100n } }), [{ reservationPlace: 'physical and virtual address' }, fine]],
    [fails([lr, sc], { ...paged, x: { 11: 0x100n, 13: 0x140n } }), [{ reservationPlace: 'physical and virtual address', reservationSet: 128 }, fine], [{ reservationPlace: 'physical and virtual address', reservationSet: 64 }, failed]],
  ],
  spuriousFailure: [
    [fails([lr, sc]), [{}, fine], [afterStores, fine], [unconstrained, fine]],
    [fails([lr, sw, sc]), [{}, fine], [afterStores, failed], [unconstrained, failed]],
    [fails([lr, lw, sc]), [{}, fine], [afterStores, fine], [unconstrained, failed]],
    // addi a6, a0, 1; c.li a7, 3; lui a6, 1; addw a6, a6, a7; bne x0, x0, -4; jal x0, 4
    [fails([lr, 0x00150813, 0x488d, 0x00001837, 0x0118083b, 0xfe001ee3, 0x0040006f, sc]), [unconstrained, fine]],
    // Forwards, and back: by beq x0, x0, -4; jal x0, -4; c.j -4
    ...[0xfe000ee3, 0xffdff06f, 0xbff5].map((word): Look => [fails([lr, 0x0080006f, sc, word], {}, 4), [{}, fine], [afterStores, fine], [unconstrained, failed]]),
    // mul a6, a0, a0; fence; csrr a6, mscratch; jalr x0, 4(t0), to the SC
    ...[0x02a50833, 0x0ff0000f, 0x34002873].map((word): Look => [fails([lr, word, sc]), [{}, fine], [afterStores, fine], [unconstrained, failed]]),
    [fails([lr, 0x00428067, sc], { x: { 5: code + 4n, 11: a, 13: a } }), [{}, fine], [unconstrained, failed]],
  ],
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
