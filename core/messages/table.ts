import { hazardMessageSchema } from '../event.ts'
import { readingsMessageSchema } from '../reading.ts'
import type { Topic } from '../topics.ts'
import { alertMessageSchema } from './alert.ts'
import { caseMessageSchema } from './case.ts'
import { notifyMessageSchema } from './notify.ts'

/** Every message of the bus by its name with major version; docs/schemas/NAME.json is made of the schema. */
export const MESSAGES = {
  'hazard.event.v1': { topic: 'hazard.events.v1', schema: hazardMessageSchema },
  'sensor.readings.v1': { topic: 'sensor.readings.v1', schema: readingsMessageSchema },
  'alert.event.v1': { topic: 'alert.events.v1', schema: alertMessageSchema },
  'case.event.v1': { topic: 'case.events.v1', schema: caseMessageSchema },
  'notify.attempt.v1': { topic: 'notify.attempts.v1', schema: notifyMessageSchema },
} as const satisfies Record<string, { topic: Topic; schema: object }>
export type MessageName = keyof typeof MESSAGES
