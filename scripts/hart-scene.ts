// The scene of a program for the RISC-V hart: its last steps on the specification, and the hart's state after them where that is another.
import { hartSystem, type Program } from '../traces/hart-program.ts'
import { configurations } from '../properties/hart/configurations.ts'
import { listing, runSaved } from '../properties/hart/saved.ts'
import { groups, type Group, type Scene } from './explain/scene.ts'

const shownSteps = 100

const groupOf = (name: string): Group => {
  if (/^(pc|the mode)$/.test(name)) return 'PSW'
  if (/^[xf]\d+$/.test(name)) return 'registers'
  return name.startsWith('memory') ? 'storage' : 'control'
}

export const sceneOfHartProgram = (program: Program, why: string): Scene => {
  const failure = runSaved(program), title = `${hartSystem}: ${failure ? 'the hart and its specification part' : 'the hart and its specification agree'}`
  const subtitle = `${configurations[program.configuration]!.name}: ${why}`
  if (!failure) return { title, subtitle, components: [], sides: [], steps: [], verdict: 'They agree now.' }
  const { steps, before, differences } = listing(program, failure, shownSteps)
  const names = [...new Set(['pc', 'the mode', ...steps.flatMap((s) => s.changes.map(([name]) => name)), ...differences.map((d) => d.what)])]
  const components = names.map((name) => ({ name, group: groupOf(name) })).sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || a.name.localeCompare(b.name, 'en', { numeric: true }))
  const modes = { U: '0x0', S: '0x1', M: '0x3' } as const
  const known = new Map<string, string>(), states: string[][] = []
  const keep = (): void => void states.push(components.map(({ name }) => known.get(name) ?? ''))
  steps.forEach(({ pc, mode, changes }, n) => {
    known.set('pc', pc)
    known.set('the mode', modes[mode])
    if (n === 0) keep()
    else states[n] = components.map(({ name }, k) => (/^(pc|the mode)$/.test(name) ? known.get(name)! : states[n]![k]!))
    for (const [name, content] of changes) known.set(name, content)
    keep()
  })
  const ended = (of: 'specification' | 'hart'): string[] => components.map(({ name }, k) => differences.find((d) => d.what === name)?.[of] ?? states.at(-1)![k]!)
  return {
    title, subtitle, components,
    sides: [{ name: 'specification', states: [...states.slice(0, -1), ended('specification')] }, { name: 'hart', states: [...states.slice(0, -1), ended('hart')] }],
    steps: steps.map((s, n) => ({
      number: before + n + 1, instruction: s.instruction || '(nothing is executed)', where: `${s.pc}, ${s.mode}-mode`, outcomes: [s.trap === '' ? '' : `trap: ${s.trap}`, ''],
    })),
    partsAt: steps.length - 1,
    verdict: differences.map((d) => `${d.what} is ${d.specification} on the specification, ${d.hart} on the hart.`).join(' ') || 'The two do not end the step alike.',
  }
}
