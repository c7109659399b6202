import { z } from 'zod'

/** Media type of every record on the bus: CloudEvents 1.0, structured JSON. */
export const CLOUDEVENT_HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' } as const

/** `hazard.event.v1` → where its JSON Schema would be; the files are in docs/schemas. */
export const schemaUri = <N extends string>(name: N) =>
  `https://sharp-eyes.example/schemas/${name}.json` as const
/** `hazard.event.v1` → the CloudEvents type. */
export const eventType = <N extends string>(name: N) => `city.sharp-eyes.${name}` as const

/**
 * CloudEvents 1.0 envelope of one kind of message; `source` + `id` is the idempotency key. Within a major version fields
 * are only added: readers ignore keys that they do not know, here and in the data, so an old reader takes a newer
 * writer's message. Writers are held to the exact shape by the type.
 */
export const cloudEvent = <N extends string, D extends z.ZodType>(name: N, data: D) =>
  z.object({
    specversion: z.literal('1.0'),
    id: z.string().min(1),
    source: z.string().min(1),
    type: z.literal(eventType(name)),
    subject: z.string(),
    time: z.iso.datetime(),
    datacontenttype: z.literal('application/json'),
    dataschema: z.literal(schemaUri(name)),
    /** W3C trace context, where traces are on. A reader that cannot use it goes without. */
    traceparent: z.string().optional(),
    data,
  })
