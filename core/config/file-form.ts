import { formatDuration } from '../units.ts'
import type { ConfigBody, ConfigKind } from './objects.ts'

/** Keys that the schemas turn from text into milliseconds. */
const DURATIONS: Readonly<Record<ConfigKind, ReadonlySet<string>>> = {
  city: new Set(['dispatch']),
  department: new Set(),
  user: new Set(),
  camera: new Set(['for', 'clear']),
  route: new Set(['accept', 'handle', 'check']),
  sensor: new Set(['for', 'every']),
}

/** A stored body as the city file writes it, so that the same schema reads it again. */
export function fileForm(kind: ConfigKind, body: ConfigBody): ConfigBody {
  if (kind === 'camera') return { ...body, rules: list(body.rules).map((rule) => durations(kind, rule)) }
  if (kind === 'sensor')
    return {
      ...durations(kind, body),
      ...(body.limit ? { limit: durations(kind, body.limit as ConfigBody) } : {}),
    }
  return durations(kind, body)
}

function durations(kind: ConfigKind, body: ConfigBody): ConfigBody {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      DURATIONS[kind].has(key) && typeof value === 'number' ? formatDuration(value) : value,
    ]),
  )
}

const list = (value: unknown): readonly ConfigBody[] => (Array.isArray(value) ? value : [])
