// The machines on which a guest program or a trace can be run: the specification, the processor, and every system's virtual machine.
import type { Machine, MachineOptions } from '../model/vocab/index.ts'
import { findSystem, processorEngine, ReferenceMachine, specificationEngine, systemNames, type System, type VirtualMachine } from '../traces/adapters.ts'
import type { Engine } from '../traces/program.ts'
import { knownName } from './terminal/nearest.ts'

/** Throws BadInput when there is no such system. */
export const resolveSystem = (name: string, known: readonly string[] = systemNames): System => findSystem(knownName('system', name, known))!

/** How a system was built for a run: what a replay needs besides the program. */
export interface Built {
  readonly system: string
  /** Guest steps between two turns of the monitor, outermost first; the monitors' own when left out. */
  readonly quanta?: readonly number[]
  readonly hardwareTrapCells?: 'low' | 'high'
}

/** `third-generation/nested?quanta=3,5,8&trapCells=high`: the form in which a trace keeps it. */
export const builtText = ({ system, quanta, hardwareTrapCells }: Built): string => {
  const said = [...(quanta?.length ? [`quanta=${quanta.join(',')}`] : []), ...(hardwareTrapCells ? [`trapCells=${hardwareTrapCells}`] : [])]
  return said.length ? `${system}?${said.join('&')}` : system
}

export const readBuilt = (text: string): Built => {
  const [system = '', said = ''] = text.split('?')
  const values = new Map(said.split('&').map((part) => part.split('=') as [string, string | undefined]))
  const quanta = values.get('quanta')?.split(',').map(Number).filter((n) => Number.isInteger(n) && n > 0 && n < 2 ** 32)
  const trapCells = values.get('trapCells')
  return {
    system, ...(quanta ? { quanta } : {}), ...(trapCells === 'high' || trapCells === 'low' ? { hardwareTrapCells: trapCells } : {}),
  }
}

/** A guest and the hardware at the bottom of it: the same machine when there is no monitor. */
export interface Stacked {
  readonly machine: Machine
  readonly hardware: Machine
  /** Innermost last. */
  readonly guests: readonly VirtualMachine[]
}

const blockCells = 16

/** Builds hardware and monitors around one guest of the given options. Throws RangeError when they do not fit. */
export const buildGuest = (system: System, options: MachineOptions, { quanta, hardwareTrapCells }: Omit<Built, 'system'> = {}): Stacked => {
  const { parts, depth, variant } = system
  if (depth === 0) {
    const machine = parts.processor({ ...options, variant })
    return { machine, hardware: machine, guests: [] }
  }
  const trapCells = hardwareTrapCells ?? (system.technique === 'high-core' ? 'high' : 'low')
  const sizes = Array.from({ length: depth + 1 }, (_, level) => options.size + blockCells * (depth - level + (level === 0 && trapCells === 'high' && system.technique !== 'high-core' ? 1 : 0)))
  const diskSize = options.diskSize ?? 1024
  const hardware = parts.hardware({ size: sizes[0]!, diskSize, variant, trapCells }, (of) => new ReferenceMachine(of))
  const guests: VirtualMachine[] = []
  let below = hardware
  for (let level = 0; level < depth; level += 1) {
    const quantum = quanta?.[level]
    const monitor = parts.monitor(below, { guests: [], ...(quantum === undefined ? {} : { quantum }) }, level)
    const innermost = level === depth - 1
    const guest = monitor.admit({
      size: sizes[level + 1]!, diskSize,
      ...(innermost && options.trapCells ? { trapCells: options.trapCells } : {}), ...(innermost && options.keyboard ? { keyboard: options.keyboard } : {}),
    })
    guests.push(guest)
    below = guest
  }
  return { machine: below, hardware, guests }
}

/** The innermost guest of a system as an engine. */
export const systemEngine = (system: System, built: Omit<Built, 'system'> = {}): Engine =>
  system.depth === 0
    ? { name: system.name, create: (options) => system.parts.processor(options) }
    : { name: system.name, create: (options) => buildGuest(system, options, built).machine }

/** Every engine on which a trace of the system is replayed. */
export const enginesFor = (text: string): readonly Engine[] => {
  const built = readBuilt(text)
  const system = findSystem(built.system)
  return [specificationEngine, processorEngine, ...(system && system.depth > 0 ? [systemEngine(system, built)] : [])]
}
