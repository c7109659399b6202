import { z } from 'zod'

/**
 * What the program says in English, once more as a code with the facts that it names: pages say it in the reader's
 * language (`told` of the dictionaries), or show the English as such where they do not know the code.
 */
export const toldShape = z.object({
  code: z.string().max(64),
  facts: z.record(z.string().max(64), z.union([z.string().max(200), z.number()])),
})
export type Told = z.infer<typeof toldShape>

/** A code that names no facts. */
export const told = (code: string, facts: Told['facts'] = {}): Told => ({ code, facts })
