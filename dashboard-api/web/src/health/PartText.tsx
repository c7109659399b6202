import type { Health } from '../api/types.ts'
import { ToldText } from '../parts/ToldText.tsx'

/** What is the matter in the reader's language; the program's own words folded below, for the engineer. */
export function PartText({ part }: { readonly part: Health['parts'][number] }) {
  if (!part.detail) return null
  // Any part may give no answer; whatever else it tells is its own.
  const area = part.code === 'no_answer' ? 'healthText.any' : `healthText.${part.name}`
  return <ToldText area={area} told={{ code: part.code, facts: part.facts ?? {} }} text={part.detail} />
}
