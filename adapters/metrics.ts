import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { METRICS, metricFacts } from '../core/metrics.ts'
import type { Metrics } from '../core/ports/telemetry.ts'

export interface MetricsRegistry extends Metrics {
  /** Prometheus text format, for GET /metrics. */
  text(): Promise<string>
  /**
   * Reads a gauge at each scrape instead of being told: an age must grow although nobody reports it, and what is gone must
   * go. `read` gives every label set with its value; while it fails, or hangs, the gauge has no values.
   */
  sampled(name: string, read: () => Iterable<Sample> | Promise<Iterable<Sample>>): void
}

type Labels = Readonly<Record<string, string>>
export type Sample = readonly [labels: Labels, value: number]

const PREFIX = 'sharp_eyes_'
/** A scrape waits no longer for a sampled gauge. */
const SAMPLE_LIMIT_MS = 2_000

/**
 * Metrics of this process, as core/metrics.ts has them. Nothing here throws for a value or a label: a wrong figure must not
 * stop the work that it is about.
 */
export function createMetrics(): MetricsRegistry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  const counterOf = book((options) => new Counter({ ...options, registers: [registry] }))
  const gaugeOf = book((options) => new Gauge({ ...options, registers: [registry] }))
  const histogramOf = book((options) => new Histogram({ ...options, registers: [registry] }))
  const samplers = new Map<string, () => Promise<void>>()

  const count = (name: string, labels: Labels, by: number) => {
    const { instrument, only } = counterOf(name, labels)
    instrument.inc(only(labels), by)
  }
  const refuse = (name: string) => count('metrics_refused_total', { name }, 1)
  const set = (name: string, labels: Labels, value: number) => {
    const { instrument, only } = gaugeOf(name, labels)
    instrument.set(only(labels), value)
  }
  // A counter that nothing has moved yet is 0, not absent: a rule sees its first step.
  for (const [name, { kind, labels }] of Object.entries(METRICS))
    if (kind === 'counter' && labels.length === 0) count(name, {}, 0)

  return {
    count(name, labels = {}, by = 1) {
      if (by >= 0 && by < Infinity) count(name, labels, by)
      else refuse(name)
    },
    gauge(name, labels, value) {
      if (Number.isFinite(value)) set(name, labels, value)
      else refuse(name)
    },
    observe(name, labels, value) {
      if (!Number.isFinite(value)) return refuse(name)
      const { instrument, only } = histogramOf(name, labels)
      instrument.observe(only(labels), value)
    },
    sampled(name, read) {
      samplers.set(name, async () => {
        const samples = await within(async () => [...(await read())])
        const { instrument } = gaugeOf(name, {})
        instrument.reset()
        instrument.remove({}) // a gauge without labels is 0 after a reset, which is a value too
        for (const [labels, value] of samples) if (Number.isFinite(value)) set(name, labels, value)
      })
    },
    async text() {
      await Promise.all([...samplers.values()].map((sample) => sample()))
      return registry.metrics()
    },
  }
}

interface InstrumentOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: string[]
  readonly buckets?: number[]
}

/** Instruments by name, made at the first use. Every label of the table is there in each series, and no other. */
function book<T>(make: (options: InstrumentOptions) => T) {
  const known = new Map<string, { readonly instrument: T; readonly only: (labels: Labels) => Labels }>()
  return (name: string, labels: Labels) => {
    const there = known.get(name)
    if (there) return there
    const facts = metricFacts(name)
    const labelNames = [...(facts?.labels ?? Object.keys(labels))]
    const entry = {
      instrument: make({
        name: `${PREFIX}${name}`,
        help: facts?.help ?? 'missing in core/metrics.ts',
        labelNames,
        ...(facts?.buckets && { buckets: [...facts.buckets] }),
      }),
      only: (given: Labels) => Object.fromEntries(labelNames.map((label) => [label, given[label] ?? ''])),
    }
    known.set(name, entry)
    return entry
  }
}

/** What `read` gives in time, else nothing. */
async function within<T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
  const late = Promise.withResolvers<readonly T[]>()
  const timer = setTimeout(() => late.resolve([]), SAMPLE_LIMIT_MS)
  try {
    return await Promise.race([read().catch(() => []), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
