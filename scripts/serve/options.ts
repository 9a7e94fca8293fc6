// What `popek serve` can be told: apart from what serves, so that the command's help loads nothing.
export interface ServeOptions {
  /** A port; 0 is any free one. */
  readonly rvfiDii?: number
  /** MiB. */
  readonly memory?: number
  readonly misaligned?: 'done' | 'trap'
  readonly once?: boolean
  readonly json?: boolean
}
