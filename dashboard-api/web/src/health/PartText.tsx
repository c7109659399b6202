import type { Health } from '../api/types.ts'
import { ToldText } from '../parts/ToldText.tsx'
import { partAreas } from './part-areas.ts'

/** What is the matter in the reader's language; the program's own words folded below, for the engineer. */
export function PartText({ part }: { readonly part: Health['parts'][number] }) {
  if (!part.detail) return null
  return (
    <ToldText area={partAreas(part)} told={{ code: part.code, facts: part.facts ?? {} }} text={part.detail} />
  )
}
