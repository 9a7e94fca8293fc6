// State of the VAX: general registers, the fields of the PSL with their roles, stacks, processor registers, one level of mapping.
import { bank, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, not, sub, ult, type Bool, type Term } from '../../ir/term.ts'
import type { Relocation } from '../../machine/isa.ts'

export interface Options {
  /** The VAX as Hall and Robinson modified it: PSL<VM>, VMPSL and the VM-emulation trap. */
  readonly virtual: boolean
  /** Who notes that a page was written: the hardware, in PTE<M>, or a modify fault, in all modes or under PSL<VM> only. */
  readonly modify: 'silent' | 'fault' | 'fault in virtual machines'
}

export interface State {
  readonly options: Options
  /** Storage in longwords. */
  readonly E: Bank
  /** R0 to R14; R14 is the stack pointer in use. */
  readonly R: Bank
  readonly PC: Register<32>
  readonly CUR: Register<2>
  readonly PRV: Register<2>
  /** Interrupt stack in use. */
  readonly IS: Register<1>
  readonly IPL: Register<5>
  /** PSL bits 7 to 0, which any program may set: DV, FU, IV, T and the condition codes. */
  readonly PSW: Register<8>
  /** PSL<VM> of the modified VAX: a virtual machine is running. */
  readonly VM: Register<1>
  /** What the virtual machine's PSL is: fields of the register VMPSL. */
  readonly VMPSL: { readonly CUR: Register<2>; readonly PRV: Register<2>; readonly IS: Register<1>; readonly IPL: Register<5> }
  /** KSP, ESP, SSP and USP, which are not in use. */
  readonly STACKS: Bank
  readonly ISP: Register<32>
  readonly SCBB: Register<32>
  readonly PCBB: Register<32>
  readonly ASTLVL: Register<3>
  readonly SISR: Register<16>
  /** The other processor registers by their numbers. */
  readonly PR: Bank
  readonly P0BR: Register<21>
  readonly P0LR: Register<21>
  /** PTE<PROT>, the same for all pages. */
  readonly PROT: Register<4>
  /** PTE<M> of each page. */
  readonly MODIFIED: Bank
  readonly HALTED: Register<1>
}

export const declareState = (options: Options): State => ({
  options,
  E: bank('E', 28, 32, 'storage'),
  R: bank('R', 4, 32, 'general'),
  PC: register('PC', 32, 'counter'),
  CUR: register('CUR', 2, 'mode'),
  PRV: register('PRV', 2, 'mode'),
  IS: register('IS', 1, 'control'),
  IPL: register('IPL', 5, 'control'),
  PSW: register('PSW', 8, 'general'),
  VM: register('VM', 1, 'mode'),
  VMPSL: {
    CUR: register('VMPSL-CUR', 2, 'mode'), PRV: register('VMPSL-PRV', 2, 'mode'),
    IS: register('VMPSL-IS', 1, 'control'), IPL: register('VMPSL-IPL', 5, 'control'),
  },
  STACKS: bank('KSP-ESP-SSP-USP', 2, 32, 'control'),
  ISP: register('ISP', 32, 'control'),
  SCBB: register('SCBB', 32, 'control'),
  PCBB: register('PCBB', 32, 'control'),
  ASTLVL: register('ASTLVL', 3, 'control'),
  SISR: register('SISR', 16, 'control'),
  PR: bank('PR', 6, 32, 'control'),
  P0BR: register('P0BR', 21, 'mapping'),
  P0LR: register('P0LR', 21, 'mapping'),
  PROT: register('PTE-PROT', 4, 'mapping'),
  MODIFIED: bank('PTE-M', 21, 1, 'mapping'),
  HALTED: register('HALTED', 1, 'control'),
})

const psl = (s: State): Component[] => [s.IS, s.IPL]
const others = (s: State): Component[] => [s.STACKS, s.ISP, s.SCBB, s.PCBB, s.ASTLVL, s.SISR, s.PR, s.MODIFIED, s.HALTED]
/** Control state of which a guest has its own; a modified VAX shows IS and IPL from VMPSL, where they are the guest's. */
export const controlState = (s: State): Component[] => [...(s.options.virtual ? [] : psl(s)), ...others(s)]
export const mappingState = (s: State): Register[] => [s.P0BR, s.P0LR, s.PROT]
export const components = (s: State): Component[] => [
  s.E, s.R, s.PC, s.CUR, s.PRV, s.PSW, ...psl(s), ...mappingState(s), ...others(s),
  ...(s.options.virtual ? [s.VM, ...Object.values(s.VMPSL)] : []),
]

/** Bits of a longword's address: region, page, longword of the page. */
const region = (address: Term): Term => extract(address, 29, 28)
export const page = (address: Term): Term => extract(address, 27, 7)

/** P0 space: pages lie in a row from P0BR, as many as P0LR says. */
export const relocation = (s: State): Relocation => ({
  storage: s.E,
  addressWidth: 30,
  develop: (address) => ({
    fault: not(and(eq<number>(region(address), constant(2, 0)), ult<number>(page(address), get(s.P0LR)))),
    real: concat(add<number>(page(address), get(s.P0BR)), extract(address, 6, 0)),
  }),
  reaches: (real) => {
    const from = sub<number>(extract(real, 27, 7), get(s.P0BR))
    return { mapped: ult<number>(from, get(s.P0LR)), address: concat(constant(2, 0), from, extract(real, 6, 0)) }
  },
})

export const kernel = constant(2, 0)
export const inKernel = (s: State): Bool => eq<number>(get(s.CUR), kernel)
export const sp = constant(4, 14)
