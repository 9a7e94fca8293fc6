// A scene as text for the terminal: for each step what it changed on every side, the parting step marked.
import pc from 'picocolors'
import { differs, type Scene } from './scene.ts'

export interface TerminalOptions {
  readonly color: boolean
  /** Steps shown before the end; default 12. */
  readonly steps?: number
}

/** Colours are for a person at a terminal who has not asked for none (NO_COLOR). */
export const wantsColor = (stream: { readonly isTTY?: boolean | undefined }, environment: Readonly<Record<string, string | undefined>>): boolean =>
  stream.isTTY === true && (environment['NO_COLOR'] ?? '') === ''

/** Ends with a newline. */
export const terminalText = (scene: Scene, options: TerminalOptions): string => {
  const colors = pc.createColors(options.color)
  const first = Math.max(0, scene.steps.length - (options.steps ?? 12))
  const nameWidth = Math.max(...scene.components.map((c) => c.name.length), 4)
  const width = columnWidth(scene, first) + 2
  const paint = (line: string, differ: boolean): string => (differ ? colors.red(line) : line)
  const row = (mark: string, name: string, cells: readonly string[]): string =>
    `  ${mark} ${name.padEnd(nameWidth)}  ${cells.map((cell) => cell.padEnd(width)).join('')}`.trimEnd()
  const lines = [colors.bold(plain(scene.title)), plain(scene.subtitle), '']
  lines.push(colors.dim(row(' ', '', scene.sides.map((s) => plain(s.name)))))
  if (first > 0) lines.push(colors.dim(`  … ${first} earlier step${first === 1 ? '' : 's'} not shown`))
  if (scene.steps.length === 0) lines.push(...stateRows(scene, 0).map(({ name, cells, differ }) => paint(row(differ ? '≠' : ' ', name, cells), differ)))
  for (const [i, step] of scene.steps.entries()) {
    if (i < first) continue
    const parts = scene.partsAt === i
    const title = `${parts ? '▶' : ' '} step ${step.number}  ${plain(step.instruction)}${step.where === '' ? '' : colors.dim(`  (${plain(step.where)})`)}`
    lines.push(parts ? colors.bold(colors.yellow(title)) + colors.yellow('  ← they part here') : title)
    if (step.outcomes.some((outcome) => outcome !== '')) {
      const differ = step.outcomes.some((outcome) => outcome !== step.outcomes[0])
      lines.push(paint(row(differ ? '≠' : ' ', '', step.outcomes.map((outcome) => plain(outcome) || '—')), differ))
    }
    for (const { name, cells, differ } of stateRows(scene, i + 1)) lines.push(paint(row(differ ? '≠' : ' ', name, cells), differ))
  }
  lines.push('', colors.bold(plain(scene.verdict)), '')
  return lines.join('\n')
}

interface Row {
  readonly name: string
  readonly cells: readonly string[]
  readonly differ: boolean
}

/** The components that the step before this state changed, or in which the sides differ after it. */
const stateRows = (scene: Scene, steps: number): readonly Row[] =>
  scene.components.flatMap(({ name }, c) => {
    const differ = differs(scene, c, steps)
    const cells = scene.sides.map((side) => cell(side.states, c, steps))
    const changed = steps > 0 && scene.sides.some((side) => side.states[steps - 1]![c] !== side.states[steps]![c])
    return changed || differ ? [{ name: plain(name), cells, differ }] : []
  })

const cell = (states: readonly (readonly string[])[], component: number, steps: number): string => {
  const value = states[steps]![component]!
  const before = steps === 0 ? value : states[steps - 1]![component]!
  return plain(before === value || before === '' ? value || '—' : `${before} → ${value}`)
}

const columnWidth = (scene: Scene, first: number): number => {
  let width = Math.max(...scene.sides.map((s) => s.name.length))
  const widen = (text: string): void => {
    width = Math.max(width, text.length)
  }
  for (let steps = first; steps <= scene.steps.length; steps += 1) {
    scene.steps[steps]?.outcomes.forEach(widen)
    for (const { cells } of stateRows(scene, steps)) cells.forEach(widen)
  }
  return width
}

/** Nothing that a trace says may steer the terminal: control characters are shown as a question mark. */
const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?')
