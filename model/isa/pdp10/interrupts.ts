// The priority interrupt system: seven channels, of which channel 1 goes first and stands highest in PIE, PIH and PIR.
import { get } from '../../ir/state.ts'
import { add, and, any, concat, constant, extract, ite, lshr, not, or, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { State } from './state.ts'

const at = (bits: Term, k: number): Bool => extract<1>(bits, k, k)
/** Whether a bit at or above number `low` is 1. */
const anyFrom = (bits: Term, low: number): Bool => any(Array.from({ length: bits.width - low }, (_, j) => at(bits, low + j)))
/** From bits, the most significant first. */
const assembled = (bits: readonly Bool[]): Term => (bits.length === 1 ? bits[0]! : concat(bits[0]!, bits[1]!, ...bits.slice(2)))
const eachBit = (width: number, bit: (k: number) => Bool): Term => assembled(Array.from({ length: width }, (_, i) => bit(width - 1 - i)))

/** The most significant bit that is 1, alone. */
export const highest = (bits: Term): Term =>
  eachBit(bits.width, (k) => and(at(bits, k), not(anyFrom(bits, k + 1))))

/** The channel assigned to the processor itself, as one bit; none for channel 0. */
export const processorChannel = ({ APR_PIA, sizes: { channels } }: State): Term => {
  if (channels === 1) return get(APR_PIA)
  const beforeFirst = constant<number>(channels + 1, 2 ** channels)
  return extract(lshr(beforeFirst, zeroExtend(get(APR_PIA), channels + 1)), channels - 1, 0)
}

/** The channel on which an interrupt is due, as one bit; none where the system is off or a channel as high is in progress. */
export const interrupting = (s: State): Term => {
  const { flags, conditions: c } = s, { channels } = s.sizes
  const none = constant<number>(channels, 0)
  const processor = any([
    get(c['PDL-OV']), get(c.MPV), get(c.NXM), and(get(c.CLK), get(c['CLK-ENABLED'])),
    and(get(flags.OV), get(c['OV-ENABLED'])), and(get(flags.FOV), get(c['FOV-ENABLED'])),
  ])
  const requests = or(get(s.PIR), ite<number>(processor, and(processorChannel(s), get(s.PIE)), none))
  const free = eachBit(channels, (k) => not(anyFrom(get(s.PIH), k)))
  return ite<number>(get(s.PI_ON), highest(and(requests, free)), none)
}

/** The cell of a channel given as one bit: twice its number from 40 on. */
export const interruptCell = (s: State, channel: Term): Term => {
  const { half, channels, channelNumber, cells } = s.sizes
  const first = constant<number>(half, cells.interrupts)
  if (channels === 1) return first
  const number = eachBit(channelNumber, (b) => any(
    Array.from({ length: channels }, (_, i) => i + 1).filter((n) => (n >> b) % 2 === 1).map((n) => at(channel, channels - n))))
  return add(first, zeroExtend(concat(number, constant(1, 0)), half))
}
