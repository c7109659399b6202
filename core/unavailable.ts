/**
 * Why a type that needs a model is not watched. A worker tells it in these words, which also reach the log and `watch`; the
 * browser app reads them back, so that it can say the same in the reader's language.
 */
export type NoSight =
  /** Nobody chose a model. */
  | { readonly kind: 'none' }
  /** The chosen one cannot be used: `why` is the fault and the way out. */
  | { readonly kind: 'refused'; readonly model: string; readonly why: string }
  /** It has no class that the type needs. */
  | { readonly kind: 'no_class'; readonly model: string; readonly labels: string }
  /** The site does not use the class, for a reason of its own. */
  | { readonly kind: 'unused'; readonly model: string; readonly labels: string; readonly why: string }

/** A worker's status is at most 2,000 characters a reason on the wire; a fault of many lines says the first ones. */
const LONGEST_WHY = 1_200

export function noSightText(sight: NoSight): string {
  switch (sight.kind) {
    case 'none':
      return 'no model is configured'
    case 'refused':
      return `the model ${sight.model} was refused: ${sight.why.slice(0, LONGEST_WHY)}`
    case 'no_class':
      return `the model ${sight.model} has no class ${sight.labels}`
    case 'unused':
      return `the class ${sight.labels} of the model ${sight.model} is not used: ${sight.why.slice(0, LONGEST_WHY)}`
  }
}

/** The inverse of `noSightText`; null: another reason, for example a detector that fails. */
export function readNoSight(text: string): NoSight | null {
  if (text === noSightText({ kind: 'none' })) return { kind: 'none' }
  const refused = /^the model (\S+) was refused: ([\s\S]*)$/.exec(text)
  if (refused) return { kind: 'refused', model: refused[1] ?? '', why: refused[2] ?? '' }
  const lacks = /^the model (\S+) has no class (.+)$/.exec(text)
  if (lacks) return { kind: 'no_class', model: lacks[1] ?? '', labels: lacks[2] ?? '' }
  const unused = /^the class (.+) of the model (\S+) is not used: ([\s\S]*)$/.exec(text)
  return unused
    ? { kind: 'unused', labels: unused[1] ?? '', model: unused[2] ?? '', why: unused[3] ?? '' }
    : null
}
