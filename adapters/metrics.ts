import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics } from '../core/ports.ts'

export interface MetricsRegistry extends Metrics {
  /** Prometheus text format, for GET /metrics. */
  text(): Promise<string>
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Metrics of this process. A name's label keys are fixed by its first use. */
export function createMetrics(): MetricsRegistry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'sharp_eyes_' })
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  const options = (name: string, labels: Record<string, string>) => ({
    name: `sharp_eyes_${name}`,
    help: name.replaceAll('_', ' '),
    labelNames: Object.keys(labels),
    registers: [registry],
  })
  return {
    count(name, labels = {}, by = 1) {
      const counter = counters.get(name) ?? new Counter(options(name, labels))
      counters.set(name, counter)
      counter.inc(labels, by)
    },
    gauge(name, labels, value) {
      const gauge = gauges.get(name) ?? new Gauge(options(name, labels))
      gauges.set(name, gauge)
      gauge.set(labels, value)
    },
    observe(name, labels, value) {
      const histogram = histograms.get(name) ?? new Histogram({ ...options(name, labels), buckets: SECONDS })
      histograms.set(name, histogram)
      histogram.observe(labels, value)
    },
    text: () => registry.metrics(),
  }
}
