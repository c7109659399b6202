/**
 * What is wrong with a model that is refused. `missing`: no such file or id; `unreadable`: the file is
 * there and cannot be opened; `default_file`: models/default.json;
 * `description`: its manifest or sidecar; `not_onnx`: the file is none, or cut off; `external_data`: weights lie in other files;
 * `hash`: other bytes than described; `changed`: other bytes than a moment ago; `operator`, `too_new`, `load`: the runtime does
 * not take it; `input`: it takes no such picture; `size`: another input size than described, or than it was trained for; `family`:
 * outputs that no decoder knows; `labels`: their number; `run`: it fails at a trial; `scores`, `boxes`: what it gives there cannot be.
 */
export const MODEL_FAULTS = [
  'missing',
  'unreadable',
  'default_file',
  'description',
  'not_onnx',
  'external_data',
  'hash',
  'changed',
  'operator',
  'too_new',
  'load',
  'input',
  'size',
  'family',
  'labels',
  'run',
  'scores',
  'boxes',
] as const
export type ModelFault = (typeof MODEL_FAULTS)[number]

/**
 * Why a type that needs a model is not watched. A worker tells it in these words, which also reach the log and `watch`; the
 * browser app reads them back, so that it can say the same in the reader's language.
 */
export type NoSight =
  /** Nobody chose a model. */
  | { readonly kind: 'none' }
  /** The chosen one cannot be used: `why` is the fault and the way out, `fault` its code; null: one that has none. */
  | {
      readonly kind: 'refused'
      readonly model: string
      readonly fault: ModelFault | null
      readonly why: string
    }
  /** It has no class that the type needs. */
  | { readonly kind: 'no_class'; readonly model: string; readonly labels: string }
  /** The site does not use the class, for a reason of its own. */
  | { readonly kind: 'unused'; readonly model: string; readonly labels: string; readonly why: string }
  /** It was loaded, and failed at a picture. */
  | { readonly kind: 'failed'; readonly why: string }

/** A worker's status is at most 2,000 characters a reason on the wire; a fault of many lines says the first ones. */
const LONGEST_WHY = 1_200

export function noSightText(sight: NoSight): string {
  switch (sight.kind) {
    case 'none':
      return 'no model is configured'
    case 'refused': {
      const fault = sight.fault === null ? '' : ` (${sight.fault})`
      return `the model ${sight.model} was refused${fault}: ${sight.why.slice(0, LONGEST_WHY)}`
    }
    case 'no_class':
      return `the model ${sight.model} has no class ${sight.labels}`
    case 'unused':
      return `the class ${sight.labels} of the model ${sight.model} is not used: ${sight.why.slice(0, LONGEST_WHY)}`
    case 'failed':
      return `detector failed: ${sight.why.slice(0, LONGEST_WHY)}`
  }
}

/** The inverse of `noSightText`; null: other words. A fault that this build does not know is null. */
export function readNoSight(text: string): NoSight | null {
  if (text === noSightText({ kind: 'none' })) return { kind: 'none' }
  const refused = /^the model (\S+) was refused(?: \((\w+)\))?: ([\s\S]*)$/.exec(text)
  if (refused) {
    const [, model = '', fault, why = ''] = refused
    return { kind: 'refused', model, fault: MODEL_FAULTS.find((known) => known === fault) ?? null, why }
  }
  const failed = /^detector failed: ([\s\S]*)$/.exec(text)
  if (failed) return { kind: 'failed', why: failed[1] ?? '' }
  const lacks = /^the model (\S+) has no class (.+)$/.exec(text)
  if (lacks) return { kind: 'no_class', model: lacks[1] ?? '', labels: lacks[2] ?? '' }
  const unused = /^the class (.+) of the model (\S+) is not used: ([\s\S]*)$/.exec(text)
  return unused
    ? { kind: 'unused', labels: unused[1] ?? '', model: unused[2] ?? '', why: unused[3] ?? '' }
    : null
}
