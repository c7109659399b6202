import { HAZARD_EVENT_TYPE, type HazardMessage } from './event.ts'
import type { Tracer } from './ports/telemetry.ts'
import type { InboundMessage } from './topics.ts'

/** Traces are off: nothing is made, nothing is kept. */
export const noTracer: Tracer = {
  context: () => null,
  span: (_name, _place, work) => work(),
  record: () => undefined,
}

/**
 * W3C trace context of an event. A UUID has the 16 bytes of a trace id, so the one name under which logs and pages know
 * the event is the name of its trace too, also after a restart, a redelivery or a takeover by another worker. Its root
 * span has the last 8 bytes, which are random.
 */
export function traceparentOf(eventId: string): string {
  const hex = eventId.replaceAll('-', '').toLowerCase()
  return `00-${hex}-${hex.slice(16)}-01`
}

/** Messages that say something new of an event; the many re-sends between are in no trace. */
export const turningPoints = (messages: readonly InboundMessage[]): readonly HazardMessage[] =>
  messages.filter(
    (message): message is HazardMessage =>
      message.type === HAZARD_EVENT_TYPE && message.data.kind !== 'update',
  )

const MAX_LINKS = 32

/** For `links` of a span over a batch. */
export const linksOf = (messages: readonly InboundMessage[]): readonly string[] =>
  turningPoints(messages)
    .slice(0, MAX_LINKS)
    .map(({ traceparent, data }) => traceparent ?? traceparentOf(data.event.id))
