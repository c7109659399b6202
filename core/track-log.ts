import { z } from 'zod'
import type { CaptureClock, Detection, FrameFacts, SeenDetection } from './frame.ts'

/**
 * The track log of a camera: of each analysed picture its times and what the model found in it, as the tracker and the
 * rules took it. Tracks follow from it, number by number, so that they are not written. No pixels, nothing of a person.
 */
export interface LoggedPicture extends FrameFacts {
  /** What was learned from earlier pictures was void from this one on: tracks began anew. */
  readonly restart: boolean
  /** Outside the privacy polygons, weak ones included; null: no model looked at this picture. */
  readonly detections: readonly SeenDetection[] | null
}

/** What holds for all pictures of one run of a camera's analysis. */
export interface TrackLogHead {
  /** The same in all files of one run: one watcher, from its first picture on. Epoch ms. */
  readonly run: number
  /** Of the model; null: none was loaded. */
  readonly model: { readonly id: string; readonly family: string; readonly sha256: string } | null
  readonly labels: readonly string[]
  /** Lowest scores that count as found, by label, where the model names them. */
  readonly operatingPoints: Readonly<Record<string, number>>
  /** From this score on the log is complete; weaker finds were never told. 0..1 */
  readonly scoreFrom: number
  /** Whether fire and smoke were looked at twice: a rule of the camera asked for them. Null: an older log, which does not say. */
  readonly twice: boolean | null
}

export type TrackLogEntry =
  | { readonly kind: 'head'; readonly head: TrackLogHead }
  | { readonly kind: 'picture'; readonly picture: LoggedPicture }
  /** So many pictures were analysed here and not written: the disk did not keep up. */
  | { readonly kind: 'lost'; readonly pictures: number }

/** Places after the point of a score and of a side of a box: a tenth of a pixel of a 1000 pixels wide picture. */
const STEPS = 10_000
const VERSION = 1
/** Of one find in a line. */
const NUMBERS = 7
const [KEY, JUMP, RESTART] = [1, 2, 4]

/** A number as the log can hold it; the watcher rounds before its rules see it, so that they see the same again. */
const rounded = (value: number): number => Math.round(value * STEPS) / STEPS + 0

/** `changed`: share of a box that changed. */
export const asLogged = (
  { label, score, box }: Detection,
  changed: (box: Detection['box']) => number,
): SeenDetection => ({
  label,
  score: rounded(score),
  changed: rounded(changed(box)),
  box: [rounded(box[0]), rounded(box[1]), rounded(box[2]), rounded(box[3])],
})

const headSchema = z.object({
  v: z.literal(VERSION),
  run: z.number(),
  model: z.object({ id: z.string(), family: z.string(), sha256: z.string() }).nullable(),
  labels: z.array(z.string()),
  operatingPoints: z.record(z.string(), z.number()),
  scoreFrom: z.number(),
  twice: z.boolean().nullable().default(null),
})
const clockSchema = z.object({
  connection: z.number(),
  clock: z.object({ kind: z.enum(['arrival', 'rtcp', 'media']), errorMs: z.number() }),
})
const lostSchema = z.object({ lost: z.int().min(1) })
/** `[media ms, capture ms, flags]`, and where a model looked `[label, score, changed, left, top, right, bottom, label, …]`. */
const pictureSchema = z.union([
  z.tuple([z.number(), z.number(), z.int()]),
  z.tuple([z.number(), z.number(), z.int(), z.array(z.int())]),
])

/** Entries → lines of one file. Each file begins with its head. */
export interface TrackLogEncoder {
  /** Lines with their ends; also one for the connection and its clock when they changed. */
  picture(picture: LoggedPicture): string
}

export const headLine = (head: TrackLogHead): string => `${JSON.stringify({ v: VERSION, ...head })}\n`
export const lostLine = (pictures: number): string => `${JSON.stringify({ lost: pictures })}\n`

export function createTrackLogEncoder(head: TrackLogHead): TrackLogEncoder {
  const numbers = new Map(head.labels.map((label, n) => [label, n]))
  let told: Pick<FrameFacts, 'connection' | 'clock'> | null = null

  const isTold = ({ connection, clock }: LoggedPicture): boolean =>
    told !== null &&
    told.connection === connection &&
    told.clock.kind === clock.kind &&
    told.clock.errorMs === clock.errorMs

  return {
    picture(picture) {
      let text = ''
      if (!isTold(picture)) {
        const { connection, clock } = picture
        told = { connection, clock }
        text = `${JSON.stringify({ connection, clock: { kind: clock.kind, errorMs: clock.errorMs } })}\n`
      }
      const { mediaMs, capturedAt, key, discontinuity, restart, detections } = picture
      const flags = (key ? KEY : 0) | (discontinuity ? JUMP : 0) | (restart ? RESTART : 0)
      if (detections === null) return `${text}[${mediaMs},${capturedAt},${flags}]\n`
      const found = detections.flatMap(({ label, score, changed, box }) => {
        const number = numbers.get(label)
        // A label that the model did not name at its loading cannot be said; no rule asks for one.
        return number === undefined
          ? []
          : [number, ...[score, changed, ...box].map((v) => Math.round(v * STEPS) + 0)]
      })
      return `${text}[${mediaMs},${capturedAt},${flags},[${found.join(',')}]]\n`
    },
  }
}

/** Lines of one file, in order → entries. */
export interface TrackLogDecoder {
  /** Null: the line only says something of later ones. Throws `SyntaxError` for what is no line of a log. */
  line(text: string): TrackLogEntry | null
}

export function createTrackLogDecoder(): TrackLogDecoder {
  let head: TrackLogHead | null = null
  let stream: { readonly connection: number; readonly clock: CaptureClock } | null = null

  const found = (flat: readonly number[], labels: readonly string[]): readonly SeenDetection[] => {
    if (flat.length % NUMBERS !== 0) throw new SyntaxError('a find of the track log is cut off')
    return Array.from({ length: flat.length / NUMBERS }, (_, n) => {
      const at = (place: number) => flat[n * NUMBERS + place] as number
      const label = labels[at(0)]
      if (label === undefined) throw new SyntaxError(`label ${at(0)} is not in the head of the track log`)
      const [score, changed, left, top, right, bottom] = [1, 2, 3, 4, 5, 6].map(
        (place) => at(place) / STEPS,
      ) as [...[number, number, number, number, number, number]]
      return { label, score, changed, box: [left, top, right, bottom] }
    })
  }

  return {
    line(text) {
      const value: unknown = JSON.parse(text)
      if (Array.isArray(value)) {
        const parsed = pictureSchema.safeParse(value)
        if (!parsed.success || !head || !stream) throw new SyntaxError('not a picture of a track log')
        const [mediaMs, capturedAt, flags, flat] = parsed.data
        return {
          kind: 'picture',
          picture: {
            ...stream,
            ...{ mediaMs, capturedAt },
            key: (flags & KEY) !== 0,
            discontinuity: (flags & JUMP) !== 0,
            restart: (flags & RESTART) !== 0,
            detections: flat === undefined ? null : found(flat, head.labels),
          },
        }
      }
      const clock = clockSchema.safeParse(value)
      if (clock.success) {
        stream = clock.data
        return null
      }
      const lost = lostSchema.safeParse(value)
      if (lost.success) return { kind: 'lost', pictures: lost.data.lost }
      const begun = headSchema.safeParse(value)
      if (!begun.success) throw new SyntaxError('not a line of a track log')
      const { v: _, ...facts } = begun.data
      head = facts
      return { kind: 'head', head }
    },
  }
}
