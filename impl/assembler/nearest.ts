// The known word nearest to a misspelt one, for suggestions.

const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let column = 1; column <= to.length; column++) {
      const substitute = row[column - 1]! + (from[line - 1] === to[column - 1] ? 0 : 1)
      next.push(Math.min(substitute, row[column]! + 1, next[column - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}

/** The word at the smallest edit distance, letter case aside; undefined when none is within a third of the length, or 1. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  let best: string | undefined
  let smallest = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const apart = distance(word.toUpperCase(), candidate.toUpperCase())
    if (apart < smallest) {
      smallest = apart
      best = candidate
    }
  }
  return best
}
