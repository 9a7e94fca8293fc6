import { describe, expect, it } from 'vitest'
import { compileMachine } from '../../machine/compile.ts'
import { pdp10 } from './isa.ts'

const w = (left: string, right = '0'): bigint => (BigInt(`0o${left}`) << 18n) | BigInt(`0o${right}`)
const compiled = compileMachine(pdp10)
/** The machine with these words in storage, at addresses in octal, about to execute the one at 1000. */
const machine = (words: Readonly<Record<string, bigint>>) => {
  const { registers, banks } = compiled.state
  for (const name of Object.keys(registers)) registers[name] = typeof registers[name] === 'bigint' ? 0n : 0
  for (const bank of Object.values(banks)) {
    if (bank instanceof BigUint64Array) bank.fill(0n)
    else bank.fill(0)
  }
  for (const [address, word] of Object.entries(words)) banks['E']![parseInt(address, 8)] = word
  registers['PC'] = 0o1000
  return { ...compiled, registers, E: banks['E']! }
}

describe('the reference machine runs programs', () => {
  it('a factorial, to the HALT', () => {
    const m = machine({
      1000: w('201040', '1'), 1001: w('201100', '12'), // MOVEI 1,1, MOVEI 2,12
      1002: w('220040', '2'), 1003: w('367100', '1002'), // IMUL 1,2, SOJG 2,1002
      1004: w('202040', '2000'), 1005: w('254200', '1000'), // MOVEM 1,2000, HALT 1000
    })
    expect(m.run(1000, true)).toBe(2)
    expect([m.E[0o2000], m.last.steps]).toEqual([3628800n, 24])
  })
  it('a user, relocated, whose HALT comes back through 41', () => {
    const m = machine({
      41: w('264000', '500'), 1000: w('700140', '1100'), 1100: w('000000', '002000'), // DATAO APR, of Pl 0, Rl 1
      1001: w('254040', '40'), 2040: w('201040', '7'), 2041: w('202040', '60'), 2042: w('254200', '0'), // JRST 1,40
    })
    m.run(4, true)
    expect([m.registers['USER'], m.registers['PC'], m.E[0o2060], m.E[0o60]]).toEqual([1, 0o42, 7n, 0n])
    expect([m.run(1, true), m.last.cause]).toEqual([1, pdp10.causes['UUO']])
    expect([m.registers['USER'], m.registers['PC'], m.E[0o500]]).toEqual([0, 0o501, w('010000', '43')])
  })
  it('an overflow that interrupts, and JEN back', () => {
    const m = machine({
      42: w('264000', '500'), 501: w('254520', '500'), // JSR 500 for channel 1, JEN @500
      1000: w('700600', '2300'), 1001: w('700200', '21'), // CONO PI, on and channel 1, CONO APR, overflow enabled, channel 1
      1002: w('210040', '1100'), 1003: w('254200', '0'), 1100: w('400000'), // MOVN 1,1100 overflows
    })
    m.run(3, false)
    m.run(1, false)
    expect([m.registers['PC'], m.registers['PIH'], m.E[0o500]]).toEqual([0o501, 0o100, w('500000', '1003')])
    m.run(1, false)
    expect([m.registers['PC'], m.registers['PIH']]).toEqual([0o1003, 0])
  })
})
