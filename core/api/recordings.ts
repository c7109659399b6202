import { z } from 'zod'
import { toldShape } from '../told.ts'
import { holdShape } from './holds.ts'

/** Shapes of recordings: `GET /api/cameras/{id}/recordings`. Times are ISO 8601 in UTC. */

const at = z.iso.datetime()
const span = { from: at, to: at }

/**
 * Why nothing is recorded. `expired`: older than the camera's recordings are kept; `offline`: no pictures came;
 * `unassigned`: no worker held the camera; `away`: on the disk of a worker that cannot be asked now; `lost`: the
 * camera was online and nothing is on the disk (its pictures broke off for less than makes it stalled, the disk was full, or
 * they were removed early); `hidden`: outside of what this person may see.
 */
export const RECORDING_GAPS = ['expired', 'offline', 'unassigned', 'away', 'lost', 'hidden'] as const
export type RecordingGap = (typeof RECORDING_GAPS)[number]

export const recordingsShape = z.object({
  camera: z.string(),
  /** [from, to) as far as it is not in the future. */
  ...span,
  /** `video`: plays as it was recorded; `stills`: the camera has privacy masks, only masked pictures are shown. */
  show: z.enum(['video', 'stills']),
  /** Hours that recordings are kept. */
  keptHours: z.number(),
  recorded: z.array(z.object(span)),
  /** When its pictures were analysed; types of its rules that were not watched meanwhile. */
  analysed: z.array(z.object({ ...span, unavailable: z.array(z.string()) })),
  gaps: z.array(z.object({ ...span, cause: z.enum(RECORDING_GAPS), worker: z.string().nullable() })),
})
export type Recordings = z.infer<typeof recordingsShape>

const stored = z.object({ sha256: z.string(), bytes: z.int(), deleted: z.boolean() })
/** A kept range with its clips: the manifest. `from` and `to` of a piece that is made are those of its pictures. */
export const keptShape = z.object({
  id: z.uuid(),
  camera: z.string(),
  ...span,
  reason: z.string(),
  caseNo: z.string().nullable(),
  keptBy: z.string(),
  keptAt: at,
  /** Of what belongs to no case; what was kept for a case is held with it. Oldest first, released ones included. */
  holds: z.array(holdShape),
  pieces: z.array(
    z.object({
      /** Counts from 1. */
      piece: z.int(),
      ...span,
      state: z.enum(['waiting', 'done', 'failed']),
      error: z.string().nullable(),
      /** The same by code, for pages. Null: no error, or it is told in its own words alone. */
      why: toldShape.nullable(),
      masked: stored.nullable(),
      /** Null: none is kept (nothing is masked, or the camera has privacy masks). */
      original: stored.nullable(),
    }),
  ),
})
export type KeptRecording = z.infer<typeof keptShape>
