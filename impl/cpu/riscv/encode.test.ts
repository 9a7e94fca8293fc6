// Encoded modules, run by the host: constants of all lengths, locals, control flow and tables.
import { describe, expect, it } from 'vitest'
import { access, Code, encodeModule, i32, i64, op, type ValueType } from './encode.ts'
import { host } from './web-assembly.ts'

const memory = new host.Memory({ initial: 1 })
const run = (result: ValueType, body: Code, parameters: readonly ValueType[] = [], table: 'own' | 'imported' = 'own') => {
  const module = new host.Module(encodeModule({
    types: [{ parameters, results: [result] }], imports: [], functions: [{ name: 'f', type: 0, body }], table,
  }))
  const env = { memory, table: new host.Table({ element: 'anyfunc', initial: 1 }) }
  return new host.Instance(module, { env }).exports['f'] as (...given: unknown[]) => unknown
}

describe('the encoder', () => {
  const edges = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 2 ** 20, 2 ** 31 - 1, -(2 ** 31)]
  it.each(edges)('writes the constant %i', (value) => {
    expect(run(i32, new Code(0).int(value))()).toBe(value)
    expect(run(i64, new Code(0).long(value))()).toBe(BigInt(value))
  })
  it.each([2n ** 31n, -(2n ** 31n) - 1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), 0x1234_5678_9abc_def0n])('writes the long constant %i', (value) => {
    expect(run(i64, new Code(0).long(value))()).toBe(value)
    expect(run(i64, new Code(0).long(BigInt.asUintN(64, value)))()).toBe(value)
  })
  it('numbers locals after parameters, by name once', () => {
    const code = new Code(2)
    const own = code.local(i64)
    const named = code.named('sum', i64)
    expect([own, named, code.named('sum', i64), code.local(i32)]).toEqual([2, 3, 3, 4])
    code.get(0).get(1).op(op.i64Sub).set(named).get(named)
    expect(run(i64, code, [i64, i64])(50n, 8n)).toBe(42n)
  })
  it('says which branches are unlikely, by their places in their functions', () => {
    const plain = new Code(1).get(0), hinted = new Code(1), body = new Code(1)
    hinted.local(i64)
    const out = hinted.block()
    hinted.get(0).unlikely().brIf(out).get(0).brIf(out).get(0).unlikely().if()
    hinted.end().end().get(0)
    body.local(i32)
    hinted.prepend(body.int(1000).op(op.drop))
    const bytes = encodeModule({ types: [{ parameters: [i32], results: [i32] }], imports: [], functions: [plain, hinted].map((code, n) => ({ name: String(n), type: 0, body: code })), table: 'own' })
    const name = 'metadata.code.branch_hint'
    const [functions, number, count, first, , , second] = bytes.subarray(Buffer.from(bytes).indexOf(name) + name.length)
    expect([functions, number, count]).toEqual([1, 1, 2])
    // The code of the last function ends the module.
    const start = bytes.length - hinted.finish().reduce((sum, { length }) => sum + length, 0)
    expect([bytes[start + first!], bytes[start + second!]]).toEqual([0x0d, 0x04])
  })
  it('branches to labels at any depth', () => {
    // Counts the parameter down in a loop of which two nested blocks are left in different ways.
    const code = new Code(1)
    const count = code.local(i32)
    const outer = code.block()
    const loop = code.loop()
    code.get(0).op(op.i32Eqz).brIf(outer)
    const odd = code.block()
    const even = code.block()
    code.get(0).int(1).op(op.i32And).brTable([even, odd], odd)
    code.end()
    code.get(count).int(10).op(op.i32Add).set(count)
    code.end()
    code.get(count).int(1).op(op.i32Add).set(count).get(0).int(1).op(op.i32Sub).set(0).br(loop)
    code.end().end().get(count)
    expect(run(i32, code, [i32])(5)).toBe(25)
  })
  it('reads and writes memory at offsets of any length', () => {
    for (const offset of [0, 127, 128, 16_384, 65_528]) {
      const code = new Code(0).int(0).long(-2).at(access.i64Store, offset).int(0).at(access.i64Load, offset)
      expect(run(i64, code, [], 'imported')()).toBe(-2n)
    }
  })
  it('is refused by the host when the body is wrong', () => {
    expect(() => run(i64, new Code(0).int(1))).toThrow()
  })
})
