// LoongArch as an ISA, in 64 bits and in the reduced 32-bit edition, its kernel deprivileged from PLV0 to PLV3.
import { not, type Bool } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa } from '../../machine/isa.ts'
import { arithmetic, branches, traps } from './integer.ts'
import { leftOut } from './left-out.ts'
import { causes } from './notation.ts'
import { published } from './published.ts'
import { components, controlState, csr, declareState, mappingState, type Architecture, type State } from './state.ts'
import { floatingPoint, loadsAndStores } from './storage.ts'
import { caches, csrInstructions, exception, ioCsrs, pageWalk, returns, timeAndIdentity } from './system.ts'
import { tlbInstructions } from './tlb.ts'
import { oneTranslation, relocation, sameMapping } from './translation.ts'

const invariant = (s: State): readonly Conjunct[] => (s.architecture === 'la32r' ? [] : [
  { name: 'MISC.DRDTL3 = 1', holds: csr(s, 'MISC.DRDTL3') as Bool, why: 'without it PLV3 reads the stable counter and its number' },
  { name: 'MISC.RPCNTL3 = 0', holds: not(csr(s, 'MISC.RPCNTL3')) as Bool, why: 'with it PLV3 reads the performance counters by CSRRD' },
  { name: 'MISC.VA32L3 = 0', holds: not(csr(s, 'MISC.VA32L3')) as Bool, why: 'with it PLV3 has 32-bit addresses, which PLV0 never has' },
])

const deprivilegings = (s: State): readonly [Deprivileging, ...Deprivileging[]] => {
  const mode = s.field['CRMD.PLV']!
  const plain: Deprivileging = {
    name: 'PLV0 to PLV3', virtual: [[mode, 0n]], real: [[mode, 3n]],
    mapping: mappingState(s), control: controlState(s), invariant: invariant(s), sameMapping: sameMapping(s),
  }
  return s.architecture === 'la32r' ? [plain] : [plain, { ...plain, name: 'PLV0 to PLV3, on another processor than the real one', control: [...controlState(s), s.CPUCFG] }]
}

const loongarchOf = (architecture: Architecture): Isa => {
  const s = declareState(architecture), wide = architecture === 'la64'
  return defineIsa({
    name: wide ? 'loongarch' : 'loongarch/la32r',
    title: wide ? 'LoongArch, 64-bit' : 'LoongArch, 32-bit reduced edition',
    source: wide ? 'LoongArch Reference Manual, volume 1: Basic Architecture, v1.00' : 'LoongArch Reference Manual, 32-bit reduced edition',
    wordWidth: 32,
    size: wide ? '2^64 bytes, 32 registers of 64 bits, 16 entries of the TLB' : '2^32 bytes, 32 registers of 32 bits, 16 entries of the TLB',
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth: 6,
    memoryCauses: ['address translation', 'ALE'],
    unmodelledCauses: ['unmodelled'],
    processor: [s.IDLE],
    trap: (cause) => exception(s, cause),
    instructions: [
      ...arithmetic(s), ...branches(s), ...traps(s), ...loadsAndStores(s), ...floatingPoint(s), ...timeAndIdentity(s), ...csrInstructions(s),
      ...(wide ? ioCsrs(s) : []), ...caches(s), ...tlbInstructions(s), ...(wide ? pageWalk(s) : []), ...returns(s),
    ],
    deprivilegings: deprivilegings(s),
    assumptions: [oneTranslation(s)],
    leftOut: leftOut(s),
    published: published(s),
  })
}

export const loongarch = (): Isa => loongarchOf('la64')
export const loongarch32r = (): Isa => loongarchOf('la32r')
