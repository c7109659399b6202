import type { Login, ProbeAnswer } from '../api/camera-setup.ts'

/** A probe that was begun. Its answer is one about its own address and login, whatever is typed meanwhile. */
export interface Trial {
  /** By `sourceOf`. */
  readonly of: string
  readonly ask: () => Promise<ProbeAnswer>
  /** Null: there is no answer yet. */
  readonly probed: ProbeAnswer | null
}

/** What is probed, as one text; it has the password. */
export const sourceOf = (url: string, { user, password }: Login): string =>
  JSON.stringify([url.trim(), user, password])

/** An answer has come; by now another trial may have been begun, or all cleared. */
export const landed = (trial: Trial | null, ask: Trial['ask'], probed: ProbeAnswer): Trial | null =>
  trial?.ask === ask ? { ...trial, probed } : trial

/** What was seen of just this source; null: nothing. */
export const seenOf = (trial: Trial | null, source: string): ProbeAnswer | null =>
  trial?.of === source ? trial.probed : null
