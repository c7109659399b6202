import { MAX_VALUE, type ReadingsMessage, readingsMessageSchema } from '../../core/reading.ts'

/** A message of the right form, and as it came: what goes into the dead letters if the database cannot store it. */
export interface ReadingsItem {
  readonly message: ReadingsMessage
  readonly raw: unknown
}

export type ParsedReadings =
  | { readonly kind: 'message'; readonly item: ReadingsItem }
  | { readonly kind: 'bad'; readonly raw: unknown; readonly error: string }

/** Total: whatever came is a message or a reason. Bytes (a topic's record) are read as JSON. */
export function parseReadings(raw: unknown): ParsedReadings {
  let value = raw
  if (raw instanceof Uint8Array) {
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      return { kind: 'bad', raw, error: `not JSON in UTF-8: ${text}` }
    }
  }
  const parsed = readingsMessageSchema.safeParse(value)
  if (parsed.success) {
    const place = parsed.data.data.readings.findIndex((reading) => Math.abs(reading.value ?? 0) > MAX_VALUE)
    if (place < 0) return { kind: 'message', item: { message: parsed.data, raw } }
    return {
      kind: 'bad',
      raw,
      error: `data.readings.${place}.value: nothing that is measured is over ${MAX_VALUE}`,
    }
  }
  const issues = parsed.error.issues.slice(0, 5)
  const error = issues.map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`).join('; ')
  return { kind: 'bad', raw, error }
}
