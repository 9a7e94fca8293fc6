// The eight bytes of descriptors, against descriptors as system programs write them.
import { describe, expect, it } from 'vitest'
import { descriptorOf, viewsOf } from './descriptors.ts'

describe('descriptors', () => {
  it.each([
    ['a flat code segment', 0x00cf9b000000ffffn, { base: 0n, limit: 0xffffffffn, rights: 0xc9bn }],
    ['a data segment of 64 KB', 0x12409334567889abn, { base: 0x12345678n, limit: 0x89abn, rights: 0x493n }],
  ])('%s', (_, bytes, { base, limit, rights }) => {
    expect(descriptorOf({ base, limit, rights, gate: 0n })).toBe(bytes)
    expect(viewsOf(bytes)).toMatchObject({ 'DT.base': base, 'DT.limit': limit, 'DT.rights': rights })
  })
  it('a call gate has its offset where a segment has flags', () => {
    const gate = (0x23n << 37n) | (2n << 32n) | 0x12345678n
    const bytes = descriptorOf({ base: 0xffffffffn, limit: 5n, rights: 0x3ecn, gate })
    expect(bytes).toBe(0x1234ec0200235678n)
    expect(viewsOf(bytes)).toMatchObject({ 'DT.rights': 0x3ecn, 'DT.gate': gate })
  })
})
