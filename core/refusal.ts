import type { Told } from './told.ts'

/** As long as `toldShape` lets them be. This file is also the browser app's: it brings no schemas along. */
const MAX_CODE = 64
const MAX_TEXT = 200

/** Why something failed, as its error tells it: `details.why` with the texts (cut at 200 characters) and numbers beside it. Null: no code. */
export function refusalOf(details: Readonly<Record<string, unknown>> | undefined): Told | null {
  if (typeof details?.why !== 'string' || details.why.length > MAX_CODE) return null
  const facts = Object.entries(details).flatMap(([name, value]): [string, string | number][] => {
    if (name === 'why' || name.length > MAX_CODE) return []
    if (typeof value === 'string') return [[name, value.slice(0, MAX_TEXT)]]
    return typeof value === 'number' ? [[name, value]] : []
  })
  return { code: details.why, facts: Object.fromEntries(facts) }
}

/** The inverse of `refusalOf`, for an error that is thrown again. */
export const detailsOf = (why: Told | null | undefined): Record<string, unknown> =>
  why ? { ...why.facts, why: why.code } : {}
