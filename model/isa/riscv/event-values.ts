// What a hardware performance counter may count, and the contents of mhpmevent by which software chooses it.
import { bits, oneOf, type Values } from './values.ts'

/** Each is an instruction that completes, but cycles, exceptions and interrupts. */
const kinds = oneOf(
  'instructions', 'cycles', 'exceptions', 'interrupts', 'trap returns', 'system instructions', 'loads', 'stores', 'atomic operations', 'integer arithmetic', 'multiplications', 'divisions', 'branches', 'taken branches', 'JAL', 'JALR',
  'floating-point loads', 'floating-point stores', 'floating-point additions', 'floating-point multiplications', 'floating-point fused multiply-adds', 'floating-point divisions and square roots', 'other floating-point instructions',
)
export type EventKind = NonNullable<(typeof kinds)['all']>[number]

/** An event that a counter counts where its mhpmevent holds `selector` in the bits of `mask`, all that there are when absent. */
export interface CountedEvent {
  readonly selector: bigint
  readonly mask?: bigint
  readonly counts: EventKind
}

export const countedEvent: Values<CountedEvent> = {
  expected: `content:event, or content:bits:event where only these bits count, with an event of ${kinds.expected.replace('one of ', '')}`,
  read: (text) => {
    const parts = text.split(':'), counts = kinds.read(parts.pop()!), [selector, mask, ...more] = parts.map(bits.read)
    return counts === undefined || selector === undefined || more.length > 0 || (parts.length === 2 && mask === undefined) ? undefined : { selector, ...(mask === undefined ? {} : { mask }), counts }
  },
  write: ({ selector, mask, counts }) => [selector, ...(mask === undefined ? [] : [mask])].map(bits.write).concat(counts).join(':'),
}
