// The shape of a flow graph as nested loops and blocks, by its dominator tree (N. Ramsey, Beyond Relooper, 2022).

export interface Shape {
  /** Position of each node in reverse postorder. */
  readonly position: readonly number[]
  /** The nodes that each node dominates immediately. */
  readonly children: readonly (readonly number[])[]
  /** Whether a node is reached from several places by edges that go forward. */
  readonly merges: readonly boolean[]
  /** Whether an edge goes back to the node. */
  readonly loops: readonly boolean[]
  /** Whether an edge is kept: one that enters a loop in its middle backwards is not. */
  readonly keeps: (from: number, to: number) => boolean
}

/** For each node those that lead to it, by the edges that are kept. */
export const predecessors = (successors: readonly (readonly number[])[], keeps: (from: number, to: number) => boolean = () => true): readonly (readonly number[])[] => {
  const lists = successors.map((): number[] => [])
  for (const [from, all] of successors.entries()) for (const to of all) if (keeps(from, to)) lists[to]!.push(from)
  return lists
}

const reversePostorder = (successors: readonly (readonly number[])[]): number[] => {
  const order: number[] = []
  const seen = new Set<number>([0])
  const stack: { readonly node: number, next: number }[] = [{ node: 0, next: 0 }]
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const to = successors[top.node]![top.next++]
    if (to === undefined) {
      order.push(top.node)
      stack.pop()
    } else if (!seen.has(to)) {
      seen.add(to)
      stack.push({ node: to, next: 0 })
    }
  }
  return order.reverse()
}

/** Immediate dominators, as positions in the order (Cooper, Harvey, Kennedy, A Simple, Fast Dominance Algorithm). */
const dominators = (before: readonly (readonly number[])[]): number[] => {
  const parents = before.map((_, index): number => index === 0 ? 0 : -1)
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (a > b) a = parents[a]!
      while (b > a) b = parents[b]!
    }
    return a
  }
  for (let changed = true; changed;) {
    changed = false
    for (let place = 1; place < before.length; place++) {
      const known = before[place]!.filter((from) => parents[from] !== -1)
      const parent = known.reduce(meet)
      if (parents[place] === parent) continue
      parents[place] = parent
      changed = true
    }
  }
  return parents
}

/** Node 0 is the entry, from which every node is reached. */
export const shapeOf = (successors: readonly (readonly number[])[]): Shape => {
  const order = reversePostorder(successors)
  const position = successors.map(() => 0)
  for (const [place, node] of order.entries()) position[node] = place
  const after = order.map((node) => successors[node]!.map((to) => position[to]!))
  const dropped = new Set<number>()
  const edge = (from: number, to: number): number => from * order.length + to
  const keeps = (from: number, to: number): boolean => !dropped.has(edge(from, to))
  const all = predecessors(after)
  let parents = dominators(all)
  const dominates = (above: number, below: number): boolean => {
    while (below > above) below = parents[below]!
    return below === above
  }
  for (const [to, sources] of all.entries()) for (const from of sources) if (to <= from && !dominates(to, from)) dropped.add(edge(from, to))
  const before = dropped.size > 0 ? predecessors(after, keeps) : all
  if (dropped.size > 0) parents = dominators(before)

  const children = successors.map((): number[] => [])
  for (let place = 1; place < order.length; place++) children[order[parents[place]!]!]!.push(order[place]!)
  return {
    position, children,
    loops: position.map((place) => before[place]!.some((from) => from >= place)),
    merges: position.map((place) => before[place]!.filter((from) => from < place).length > 1),
    keeps: (from, to) => keeps(position[from]!, position[to]!),
  }
}
