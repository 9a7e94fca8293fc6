// Parameters as text: what is written is what a hart has, each of the few values of a parameter makes an ISA, and what is none is refused.
import { describe, expect, it } from 'vitest'
import { findIsa, isasWithParameters } from '../index.ts'
import { chosen } from './choices.ts'
import { riscv, riscvHart, riscvNames } from './isa.ts'
import { parameterOf, type Parameters } from './parameters.ts'

/** The values that need others: the manuals do not allow them beside the defaults. */
const needing: Readonly<Record<string, string>> = { 'fiom=read-only 0': 'schemes=none', 'mxrWithBareOnly=read-only 0': 'schemes=none', 'sfenceWithBareOnly=illegal instruction': 'schemes=none', 'SXL=writable': 'UXL=writable' }

describe('a hart with parameters in its name', () => {
  it.each<readonly [string, Partial<Parameters>]>([
    ['asidBits=9,misaligned=trapped', { asidBits: 9, misaligned: 'trapped' }],
    ['reservationEnds=at SC, traps and returns,reservationSet=64', { reservationEnds: 'at SC, traps and returns', reservationSet: 64 }],
    ['reservationSet=address of LR', { reservationSet: 'address of LR' }],
    ['schemes=Sv39+Sv48,extensions=none', { schemes: ['Sv39', 'Sv48'], extensions: [] }],
    ['mvendorid=0x60a,marchid=7', { mvendorid: 0x60an, marchid: 7n }],
    ['regions=0x80000000:0x1000+4096:8:stores:fetches', { regions: [{ base: 0x8000_0000n, size: 0x1000n }, { base: 4096n, size: 8n, without: ['stores', 'fetches'] }] }],
    ['regions=0x1000:8:4 bytes:loads:2 bytes', { regions: [{ base: 0x1000n, size: 8n, without: ['loads'], widths: [4, 2] }] }],
    ['regions=0x1000:32:granule=16:stores,asidBits=9', { regions: [{ base: 0x1000n, size: 32n, without: ['stores'], granule: 16 }], asidBits: 9 }],
    ['regions=0x1000:32:errors:stores,busErrors=17', { regions: [{ base: 0x1000n, size: 32n, without: ['stores'], errors: true }], busErrors: 17 }], ['busErrors=non-maskable interrupt', { busErrors: 'non-maskable interrupt' }],
    ['events=1:instructions+0x200:0x2ff:loads+2:JAL,cycles=2', { events: [{ selector: 1n, counts: 'instructions' }, { selector: 0x200n, mask: 0x2ffn, counts: 'loads' }, { selector: 2n, counts: 'JAL' }], cycles: 2 }],
    ['cacheBlock=32,zeroBlock=4096,CBIE=flush,supervisorCBIE=none', { cacheBlock: 32, zeroBlock: 4096, CBIE: ['flush'], supervisorCBIE: [] }],
    ['resetState=mcause:3+pmpcfg[0]:0x1f', { resetState: { mcause: 3n, 'pmpcfg[0]': 0x1fn } }],
    ['pmpConstants=0:0x9f:0xff+3:0:0', { pmpConstants: { 0: { config: 0x9fn, address: 0xffn }, 3: { config: 0n, address: 0n } } }],
  ])('%s', (text, values) => { expect(chosen(text)).toEqual(values) })

  it('is found by it, goes by it, and has what it says', async () => {
    const isa = (await findIsa('riscv32:asidBits=4'))!
    expect([isa.name, isa.choices!['asidBits']!.chosen, isa.choices!['xlen']!.chosen]).toEqual(['riscv32:asidBits=4', '4', '32'])
    expect(riscvHart('riscv64/sstc:misaligned=trapped').state).toMatchObject({ misaligned: 'trapped', extensions: ['Sstc'] })
    expect([await findIsa('pdp10:asidBits=4'), isasWithParameters]).toEqual([undefined, riscvNames])
  })

  it('is written as it is read, for each parameter', () => {
    for (const { values, standard } of Object.values(parameterOf)) expect(values.read(values.write(standard))).toEqual(standard)
    const text = 'events=0x1:cycles+0x4200:0xff:loads,regions=0x80000000:0x1000+0x1000:0x8:stores:fetches:4 bytes+0x2000:0x40:granule=16:errors,pmpConstants=0:0x9f:0xff+3:0x0:0x0,resetState=pmpcfg[0]:0x1f+mcause:0x3,schemes=none'
    expect(Object.entries(chosen(text)).map(([name, value]) => `${name}=${parameterOf[name]!.values.write(value)}`).join()).toBe(text)
  })

  it('has claims about states that it can be in: counters that cannot be enabled are not asked to be', () => {
    const named = (name: string) => { const { deprivilegings: [first], assumptions } = riscv(name); return [first.invariant.some((c) => c.name === 'mcounteren = all ones'), (assumptions ?? []).filter((a) => a.name.endsWith('has its bits only')).length] }
    expect([named('riscv64'), named('riscv64:counterEnables=5'), named('riscv64:supervisorCounterEnables=0')]).toEqual([[true, 0], [false, 1], [true, 1]])
  })

  it('has claims that say of errors of memory that there are none, where they would change state without a trap', () => {
    const named = (name: string): boolean => riscv(name).assumptions!.some((a) => a.name === 'no bus errors'), imprecise = 'interruptPriority=17+11+3+7+9+1+5,busErrors=17', regions = 'regions=0x80000000:0x1000:stores'
    expect([`riscv64:${imprecise}`, `riscv64:${regions}:errors`, `riscv64:${imprecise},${regions}`, `riscv64:${imprecise},${regions}:errors`].map(named)).toEqual([false, false, false, true])
  })

  it.each(Object.entries(parameterOf).flatMap(([name, { values: { all = [] } }]) => all.map((value) => `${name}=${String(value)}`)))('%s is an ISA', (text) => {
    const [name = ''] = text.split('='), more = needing[text]
    const isa = riscv(`riscv64:${text}${more === undefined ? '' : `,${more}`}`), { chosen: is, others } = isa.choices![name]!
    expect([is, ...others!].map((v) => `${name}=${v}`)).toContain(text)
    if (more !== undefined) expect(() => riscv(`riscv64:${text}`)).toThrow(RangeError)
  })
})

describe('what is refused', () => {
  it.each([
    ['', /expected name=value .* found ""/], ['asidBits', /found "asidBits"/], ['frobs=1', /found "frobs=1"/], ['toString=1', /expected name=value/], ['xlen=32', /expected name=value/],
    ['asidBits=nine', /asidBits is "nine", and is to be a number/], ['asidBits=-1', /asidBits/], ['asidBits=17', /asidBits of a RISC-V hart must be 0 to 16, and is 17/], ['asidBits=1,asidBits=2', /asidBits is given twice/],
    ['misaligned=Trapped', /one of supported; trapped; access fault/], ['cacheBlock=24', /one of 8, 16/], ['schemes=Sv39+', /several with \+/], ['schemes=', /schemes/], ['mhartid=0x', /mhartid/],
    ['regions=0', /base:size/], ['regions=0:8:colour', /regions/], ['regions=0:8:3 bytes', /regions/], ['regions=0:8:granule=', /regions/], ['regions=0:8:granule=-8', /:granule=16/], ['regions=0:8:granule=8:granule=8', /regions/], ['regions=0:8:granule=3', /granules/], ['regions=none,misa=1', /misa/], ['resetState=mcause', /register:a number/], ['resetState=mfrob:1', /no mfrob/], ['pmpConstants=0:1', /entry:pmpcfg:pmpaddr/], ['pmpConstants=x:1:1', /pmpConstants/],
    ['events=loads', /events is "loads", and is to be content:event/], ['events=1:thinking', /events/], ['events=1:2:3:loads', /events/], ['events=1:x:loads', /events/], ['events=0:loads', /events of a RISC-V hart must be of contents .* and is 0x0:loads/], ['events=3:1:loads', /events .* 0x3:0x1:loads/], ['events=8:loads,eventBits=7', /events/], ['events=1:0x100000000000000001:loads', /events/],
  ])('%s', (text, why) => { expect(() => riscv(`riscv64:${text}`)).toThrow(why) })
})
