import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { EpochMs } from '../../core/units.ts'

const factsSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  camera: z.string().min(1),
  purpose: z.string(),
  capturedAt: z.int(),
  who: z.string().min(1),
  until: z.int(),
})
export type CaptureFacts = z.infer<typeof factsSchema>

/** Bytes that no row names are removed after a day: a ticket ends before. */
const HOLDS_MS = 20 * 3_600_000

/** What was captured, carried by who captured it: nothing is stored for a still that no case has taken. */
export interface CaptureTickets {
  issue(facts: Omit<CaptureFacts, 'until'>, now: EpochMs): string
  /** Null: it is none of ours. */
  read(ticket: string): CaptureFacts | null
}

export function createCaptureTickets(secret: string): CaptureTickets {
  const sign = (body: string) => createHmac('sha256', secret).update(`capture ${body}`).digest()
  return {
    issue(facts, now) {
      const body = Buffer.from(JSON.stringify({ ...facts, until: now + HOLDS_MS })).toString('base64url')
      return `${body}.${sign(body).toString('base64url')}`
    },
    read(ticket) {
      const [body = '', signature = '', ...more] = ticket.split('.')
      const given = Buffer.from(signature, 'base64url')
      const right = sign(body)
      if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return null
      return factsSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
    },
  }
}
