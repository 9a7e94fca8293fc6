// What the manuals leave open, said to people: each parameter with what is chosen, and chosen by them as text, `riscv64:misaligned=trapped,asidBits=9`.
import { addressBits, delegableBits, heldBits, mayChoose, parameterOf, rootBits, type Parameter, type Parameters } from './parameters.ts'

type Choices = Readonly<Record<string, { readonly chosen: string; readonly others?: readonly string[]; readonly about: string }>>

/** Each parameter with what is chosen, as far as the hart has it, and where there are few the other values. */
export const choicesOf = (p: Parameters): Choices => {
  const own: Parameters = {
    ...p, schemes: p.schemes.filter((name) => mayChoose(p, name)), asidBits: Math.min(p.asidBits, p.xlen === 32 ? 9 : 16), ppnBits: rootBits(p), vectorBits: Math.min(p.vectorBits, p.xlen), causeBits: Math.min(p.causeBits, p.xlen - 1), supervisorCauseBits: Math.min(p.supervisorCauseBits, p.xlen - 1), physicalAddressBits: addressBits(p), heldAddressBits: heldBits(p), delegableExceptions: delegableBits(p)
  }
  const saying = <T>({ section, values, about }: Parameter<T>, value: T): Choices[string] =>
    ({ chosen: values.write(value), ...(values.all === undefined ? {} : { others: values.all.filter((other) => other !== value).map(values.write) }), about: `${section}: ${about}` })
  return {
    xlen: { chosen: `${p.xlen}`, about: 'II misa: The width of an x register, and MXLEN.' },
    translation: { chosen: p.translation, about: 'For claims satp moves pages by any one-to-one mapping; the machine that runs walks the page tables and has PMP.' },
    ...Object.fromEntries(Object.entries(parameterOf).map(([name, of]) => [name, saying(of, own[name as keyof Parameters])])),
  }
}

/** Parameters from `name=value,name=value`; a comma within a value is part of it. A RangeError where one is unknown, given twice or has no such value. */
export const chosen = (text: string): Partial<Parameters> => {
  const found = new Map<string, unknown>()
  for (const each of text.split(/,(?=\w+=)/)) {
    const [, name = '', written = ''] = /^(\w+)=(.*)$/.exec(each) ?? []
    if (!Object.hasOwn(parameterOf, name)) throw new RangeError(`expected name=value with one of the parameters that popek isas lists, and found ${JSON.stringify(each)}`)
    if (found.has(name)) throw new RangeError(`${name} is given twice`)
    const { expected, read } = parameterOf[name]!.values, value = read(written)
    if (value === undefined) throw new RangeError(`${name} is ${JSON.stringify(written)}, and is to be ${expected}`)
    found.set(name, value)
  }
  return Object.fromEntries(found)
}
