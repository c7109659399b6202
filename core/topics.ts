import type { HazardMessage } from './event.ts'
import { HAZARD_EVENT_TYPE } from './event.ts'
import type { ReadingsMessage } from './reading.ts'
import { SENSOR_READINGS_TYPE } from './reading.ts'

/** Topics of the bus (DESIGN 3.4), made by `migrate`, never by a client. Each has a `<topic>.dlq`. */
export const TOPICS = {
  'hazard.events.v1': { partitions: 12 },
  'sensor.readings.v1': { partitions: 12 },
  'alert.events.v1': { partitions: 6 },
  'case.events.v1': { partitions: 6 },
  'notify.attempts.v1': { partitions: 6 },
} as const
export type Topic = keyof typeof TOPICS

/** Topics that the alerting service reads. */
export const INBOUND_TOPICS = ['hazard.events.v1', 'sensor.readings.v1'] as const
export type InboundTopic = (typeof INBOUND_TOPICS)[number]

export type InboundMessage = HazardMessage | ReadingsMessage

export const dlqOf = <T extends Topic>(topic: T): `${T}.dlq` => `${topic}.dlq`

export function topicOf(message: InboundMessage): InboundTopic {
  switch (message.type) {
    case HAZARD_EVENT_TYPE:
      return 'hazard.events.v1'
    case SENSOR_READINGS_TYPE:
      return 'sensor.readings.v1'
  }
}

/** Key of a message: what must stay in order. Camera or sensor of an event, device of readings. */
export const keyOf = (message: InboundMessage): string =>
  message.type === HAZARD_EVENT_TYPE ? message.data.event.source.id : message.data.device
