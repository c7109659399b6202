import { inspect } from 'node:util'
import { fingerprint, type HazardMessage, hazardMessageSchema } from '../../core/event.ts'

/** A message of the right form, with its identity worked out once. */
export interface InboxMessage {
  readonly message: HazardMessage
  /** As it came: what goes into the dead letters if the database cannot store it. */
  readonly raw: unknown
  readonly fingerprint: string
}

export type ParsedMessage =
  | { readonly kind: 'message'; readonly inbox: InboxMessage }
  | { readonly kind: 'bad'; readonly raw: unknown; readonly error: string }

/** Total: whatever came is a message or a reason. Bytes (a topic's record) are read as JSON. */
export function parseMessage(raw: unknown): ParsedMessage {
  let value = raw
  if (raw instanceof Uint8Array) {
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
    } catch (error) {
      return { kind: 'bad', raw, error: `not JSON in UTF-8: ${textOf(error)}` }
    }
  }
  const parsed = hazardMessageSchema.safeParse(value)
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 5)
    const error = issues.map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`).join('; ')
    return { kind: 'bad', raw, error }
  }
  const message = withLowerCaseId(parsed.data)
  const { event, epoch, seq } = message.data
  const id = `${event.id}/${epoch}.${seq}`
  if (message.id.toLowerCase() !== id)
    return { kind: 'bad', raw, error: `id: "${message.id}" is not <eventId>/<epoch>.<seq>, here ${id}` }
  return { kind: 'message', inbox: { message: { ...message, id }, raw, fingerprint: fingerprint(event) } }
}

/** PostgreSQL writes a uuid in lower case: one event must not have two names. */
function withLowerCaseId(message: HazardMessage): HazardMessage {
  const id = message.data.event.id.toLowerCase()
  if (id === message.data.event.id) return message
  return { ...message, data: { ...message.data, event: { ...message.data.event, id } } }
}

/** The exact bytes where there are any, else the JSON text, else (what JSON cannot say) a description. */
export function bytesOf(raw: unknown): Uint8Array {
  if (raw instanceof Uint8Array) return raw
  try {
    return Buffer.from(JSON.stringify(raw) ?? String(raw))
  } catch {
    return Buffer.from(inspect(raw, { depth: 8 })) // a circular object or a bigint: JSON has no word for it
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
