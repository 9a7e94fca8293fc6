// The known name nearest to a misspelt one, and the message about a name that is not known.
import { distance } from 'fastest-levenshtein'
import { BadInput } from './failure.ts'

/** Letter case aside; undefined when no name is near: within a third of its length, or 2. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  const near = known
    .map((k) => ({ k, apart: distance(name.toLowerCase(), k.toLowerCase()) }))
    .sort((a, b) => a.apart - b.apart)[0]
  return near && near.apart <= Math.max(2, Math.floor(near.k.length / 3)) ? near.k : undefined
}

/** Of so many names all are listed, of more the first dozen. */
const [most, first] = [32, 12]

/** An unknown name: what it was taken for, the nearest one, and what there is, where some names begin with it only these. */
export const unknownName = (what: string, name: string, known: readonly string[], more = ''): BadInput => {
  const forms = known.filter((k) => k.toLowerCase().startsWith(`${name.toLowerCase()} `)), listed = forms.length > 0 ? forms : known
  const suggestion = forms.length > 0 ? undefined : nearest(name, known)
  const list = listed.length === 0 ? 'there is none'
    : `expected ${listed.length > 1 ? 'one of ' : ''}${listed.slice(0, listed.length > most ? first : most).join(', ')}${listed.length > most ? `, … (${listed.length} in all${more ? `; ${more}` : ''})` : ''}`
  return new BadInput(`unknown ${what} '${name}'${suggestion === undefined ? '' : `; did you mean '${suggestion}'?`}\n${list}`)
}

/** The one of the known names that is meant: exact, or the same but for letter case. */
export const knownName = <N extends string>(what: string, name: string, known: readonly N[], more = ''): N => {
  const found = known.find((k) => k === name) ?? known.find((k) => k.toLowerCase() === name.toLowerCase())
  if (found === undefined) throw unknownName(what, name, known, more)
  return found
}
