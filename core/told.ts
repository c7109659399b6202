import { z } from 'zod'

const MAX_CODE = 64
const MAX_TEXT = 200

/**
 * What the program says in English, once more as a code with the facts that it names: pages say it in the reader's
 * language (`told` of the dictionaries), or show the English as such where they do not know the code.
 */
export const toldShape = z.object({
  code: z.string().max(MAX_CODE),
  facts: z.record(z.string().max(MAX_CODE), z.union([z.string().max(MAX_TEXT), z.number()])),
})
export type Told = z.infer<typeof toldShape>

/** A code that names no facts. */
export const told = (code: string, facts: Told['facts'] = {}): Told => ({ code, facts })

/** Why something failed, as its error tells it: `details.why` with the texts (cut at 200 characters) and numbers beside it. Null: no code. */
export function refusalOf(details: Readonly<Record<string, unknown>> | undefined): Told | null {
  if (typeof details?.why !== 'string' || details.why.length > MAX_CODE) return null
  const facts = Object.entries(details).flatMap(([name, value]): [string, string | number][] => {
    if (name === 'why' || name.length > MAX_CODE) return []
    if (typeof value === 'string') return [[name, value.slice(0, MAX_TEXT)]]
    return typeof value === 'number' ? [[name, value]] : []
  })
  return told(details.why, Object.fromEntries(facts))
}

/** The inverse of `refusalOf`, for an error that is thrown again. */
export const detailsOf = (why: Told | null | undefined): Record<string, unknown> =>
  why ? { ...why.facts, why: why.code } : {}
