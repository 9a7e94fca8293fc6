// What a command ends with: the exit codes of the contract, and the errors that carry one.

/** The exit codes of every command. */
export const Exit = {
  /** As expected. */
  ok: 0,
  /** A counterexample, a disagreement, a fault that survived. */
  found: 1,
  /** Bad usage or bad input. */
  bad: 2,
  /** Undecided, or a needed tool is missing. */
  undecided: 3,
  /** Interrupted by the user: what was found until then is reported. */
  interrupted: 130,
} as const
export type ExitCode = (typeof Exit)[keyof typeof Exit] | GuestExit

declare const ofGuest: unique symbol
/** What a guest asked for, 0 to 255. */
export type GuestExit = number & { readonly [ofGuest]: true }

/** A guest's exit code as a process's: one that does not fit is 255, and not 0. */
export const guestExit = (code: number): GuestExit => Math.min(code, 255) as GuestExit

/** What the user gave is at fault: one message that says what, where and what was expected. */
export class BadInput extends Error {
  override readonly name = 'BadInput'
}

/** A tool that popek needs does not work here. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool'
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
