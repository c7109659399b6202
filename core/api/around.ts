import { z } from 'zod'
import { boxSchema, EVENT_KINDS } from '../event.ts'
import { sensorItemShape } from './sensors.ts'
import { alertItemShape, cameraItemShape } from './shapes.ts'

const at = z.iso.datetime()

/** What was told of the event at one moment. */
const stateShape = z.object({
  /** Capture time of the picture that it was decided on. */
  at,
  kind: z.enum(EVENT_KINDS),
  /** 0..1 */
  score: z.number(),
  box: boxSchema.nullable(),
  detections: z.array(z.object({ label: z.string(), score: z.number(), box: boxSchema })),
})
export type EventState = z.infer<typeof stateShape>

/** What stands around an alert, in time and in place. Distances are metres. */
export const aroundShape = z.object({
  /** Of its event, oldest first, at most 500. */
  states: z.array(stateShape),
  /** The score that the rule asks for; null: it judges by something else. */
  threshold: z.number().nullable(),
  /** Capture time of the clip's first picture; null: there is no clip of its own camera. */
  clipFrom: at.nullable(),
  /** Other alerts at the same source that were open in the 24 h before and after its start, newest first, at most 20. */
  samePlace: z.array(alertItemShape),
  /** The nearest other cameras that the asker may see, within 500 m, at most 8. */
  cameras: z.array(
    z.object({
      id: z.string(),
      name: z.object({ zh: z.string(), en: z.string() }),
      metres: z.number(),
      state: cameraItemShape.shape.state,
    }),
  ),
  /** The nearest sensors within 2000 m, at most 8, with their latest reading. */
  sensors: z.array(z.object({ metres: z.number(), sensor: sensorItemShape })),
})
export type Around = z.infer<typeof aroundShape>
