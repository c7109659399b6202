import type { Log, Metrics } from '../../core/ports/telemetry.ts'

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
}

/** Keeps every line, so that a test can assert what was (and what must never be) logged. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const add = (level: string) => (fields: object, message: string) => {
    lines.push(JSON.stringify({ level, message, ...fields }))
  }
  const log: Log & { readonly lines: string[] } = {
    lines,
    debug: add('debug'),
    info: add('info'),
    warn: add('warn'),
    error: add('error'),
    child: () => log,
  }
  return log
}

/** Counts what was counted: `counts.get('name{label=value}')`. */
export function recordingMetrics(): Metrics & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>()
  return {
    counts,
    count(name, labels = {}, by = 1) {
      const key = `${name}{${Object.entries(labels)
        .map(([k, v]) => `${k}=${v}`)
        .join(',')}}`
      counts.set(key, (counts.get(key) ?? 0) + by)
    },
    gauge() {},
    observe() {},
  }
}
