// A scene: one or more machines side by side, step by step, as text that the terminal and the page both show.

/** Where a component belongs on the page, in this order. */
export const groups = ['PSW', 'control', 'registers', 'devices', 'storage'] as const
export type Group = (typeof groups)[number]

export interface ShownComponent {
  readonly name: string
  readonly group: Group
}

export interface Side {
  readonly name: string
  /** `states[i][c]` is component c after i of the scene's steps; empty where this side says nothing about it. */
  readonly states: readonly (readonly string[])[]
}

/** `steps[i]` leads from `states[i]` to `states[i + 1]`. */
export interface SceneStep {
  /** Counts from 1 at the start of the program, which may lie before the scene. */
  readonly number: number
  readonly instruction: string
  /** `0x014, user mode`; empty when there is nothing to say. */
  readonly where: string
  /** For each side: `trap: memory`, or empty. */
  readonly outcomes: readonly string[]
}

export interface Scene {
  readonly title: string
  readonly subtitle: string
  /** Only those that some step changed or in which the sides differ, and the PSW. */
  readonly components: readonly ShownComponent[]
  readonly sides: readonly Side[]
  readonly steps: readonly SceneStep[]
  /** The step after which the sides first differ: an index into `steps`. */
  readonly partsAt?: number
  readonly verdict: string
}

/** Whether the sides that know a component disagree about it in the state after `steps` steps. */
export const differs = (scene: Scene, component: number, steps: number): boolean => {
  const known = scene.sides.map((side) => side.states[steps]?.[component] ?? '').filter((value) => value !== '')
  return known.some((value) => value !== known[0])
}
