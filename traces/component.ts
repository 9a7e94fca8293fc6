// The guest-visible components of a third-generation machine, as traces name them: `P`, `G[3]`, `E[17]`.

/** Width in bits; the names are those of the specification's state. */
export const registerWidths = { M: 1, P: 12, L: 8, B: 8, TIMER: 32, PENDING: 1, HALTED: 1, TAKEN: 16, POSITION: 32 } as const
/** Width in bits of one element. */
export const bankWidths = { G: 32, E: 32, DISK: 32, PRINTED: 8 } as const
export type RegisterName = keyof typeof registerWidths
export type BankName = keyof typeof bankWidths

export type Component =
  | { readonly kind: 'register'; readonly name: RegisterName; readonly bits: number }
  | { readonly kind: 'bank'; readonly name: BankName; readonly index: number; readonly bits: number }

const element = /^(G|E|DISK|PRINTED)\[(0|[1-9][0-9]{0,8})\]$/

/** Undefined when no component is called so. */
export const componentNamed = (name: string): Component | undefined => {
  if (Object.hasOwn(registerWidths, name)) return { kind: 'register', name: name as RegisterName, bits: registerWidths[name as RegisterName] }
  const found = element.exec(name)
  if (found === null) return undefined
  const bank = found[1] as BankName
  return { kind: 'bank', name: bank, index: Number(found[2]), bits: bankWidths[bank] }
}

/** `0x` and as many digits as the width needs; signed words are shown as their 32 bits. */
export const hex = (value: number, bits: number): string => `0x${(value >>> 0).toString(16).padStart(Math.ceil(bits / 4), '0')}`

/** Throws RangeError when no component is called so. */
export const hexOf = (component: string, value: number): string => {
  const known = componentNamed(component)
  if (known === undefined) throw new RangeError(`a third-generation machine has no component called ${component}`)
  return hex(value, known.bits)
}
