import { expect, test } from 'vitest'
import { createMetrics } from '../../adapters/metrics.ts'
import { METRICS, metricFacts } from '../../core/metrics.ts'
import { metricCalls, namelessCalls } from '../support/metric-calls.ts'

test('every metric that the code writes is in the table, as that kind and with those labels', () => {
  const calls = metricCalls()
  expect(calls.length).toBeGreaterThan(100)
  const faults = calls.flatMap(({ file, name, kind, labels }) => {
    const facts = metricFacts(name)
    if (!facts) return [`${file}: ${name} is missing in core/metrics.ts`]
    if (facts.kind !== kind) return [`${file}: ${name} is a ${facts.kind} there and a ${kind} here`]
    const extra = (labels ?? []).filter((label) => !facts.labels.includes(label))
    return extra.length > 0 ? [`${file}: ${name} has no label ${extra.join(', ')} there`] : []
  })
  expect(faults).toEqual([])
})

test('every metric of the table is written somewhere', () => {
  const written = new Set(metricCalls().map(({ name }) => name))
  expect(Object.keys(METRICS).filter((name) => !written.has(name))).toEqual([])
})

test('names of metrics are literals, so that the test above sees them', () => {
  // Its `count` hands on the names of its own calls, which are literals.
  expect(namelessCalls().filter((call) => call !== 'ingest/decode/decoder.ts: name')).toEqual([])
})

test.each(Object.entries(METRICS))('%s says what it is in the words of Prometheus', (name, facts) => {
  expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
  expect(name.endsWith('_total')).toBe(facts.kind === 'counter')
  expect(facts.help.length).toBeGreaterThan(8)
  if (facts.kind === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/)
  expect(facts.buckets ?? []).toEqual((facts.buckets ?? []).toSorted((a, b) => a - b))
})

test('what is written is what is scraped, with help, buckets and every label', async () => {
  const metrics = createMetrics()
  metrics.count('alerts_opened_total', { type: 'fire', severity: '1' })
  metrics.count('alerts_opened_total', { type: 'fire', severity: '1' }, 2)
  metrics.gauge('spool_records', {}, 7)
  metrics.observe('capture_to_alert_seconds', { source: 'camera' }, 0.8)
  metrics.count('camera_failures_total', { camera: 'cam-1', surprise: 'x' })
  const text = await metrics.text()
  expect(text).toContain('# HELP sharp_eyes_alerts_opened_total Alerts opened')
  expect(text).toContain('sharp_eyes_alerts_opened_total{type="fire",severity="1"} 3')
  expect(text).toContain('sharp_eyes_spool_records 7')
  expect(text).toContain('sharp_eyes_capture_to_alert_seconds_bucket{le="0.75",source="camera"} 0')
  expect(text).toContain('sharp_eyes_capture_to_alert_seconds_bucket{le="1",source="camera"} 1')
  expect(text).toContain('sharp_eyes_camera_failures_total{camera="cam-1",code=""} 1')
  expect(text).toContain('sharp_eyes_changes_publish_gaps_total 0')
  expect(text).toContain('sharp_eyes_process_cpu_seconds_total')
})

test('a value that is no number stops nothing and is counted', async () => {
  const metrics = createMetrics()
  metrics.gauge('spool_records', {}, Number.NaN)
  metrics.observe('inbox_batch_seconds', {}, Infinity)
  metrics.count('jobs_errors_total', {}, -1)
  metrics.count('surprise_total', { why: 'a' })
  metrics.count('surprise_total', { other: 'b' })
  const text = await metrics.text()
  expect(text).toContain('sharp_eyes_metrics_refused_total{name="spool_records"} 1')
  expect(text).toContain('sharp_eyes_metrics_refused_total{name="inbox_batch_seconds"} 1')
  expect(text).toContain('sharp_eyes_metrics_refused_total{name="jobs_errors_total"} 1')
  expect(text).toContain('sharp_eyes_surprise_total{why="a"} 1')
})

test('a sampled gauge is read at each scrape, forgets what is gone, and holds nothing up', async () => {
  const metrics = createMetrics()
  let ages: [Record<string, string>, number][] = [
    [{ camera: 'a' }, 3],
    [{ camera: 'b' }, 4],
  ]
  metrics.sampled('camera_last_frame_age_seconds', () => ages)
  metrics.sampled('spool_oldest_seconds', () => Promise.reject(new Error('away')))
  metrics.sampled('cameras_covered', () => new Promise(() => undefined))
  expect(await metrics.text()).toContain('sharp_eyes_camera_last_frame_age_seconds{camera="b"} 4')
  ages = [[{ camera: 'a' }, 9]]
  const text = await metrics.text()
  expect(text).toContain('sharp_eyes_camera_last_frame_age_seconds{camera="a"} 9')
  expect(text).not.toContain('camera="b"')
  expect(text).not.toMatch(/^sharp_eyes_spool_oldest_seconds /m)
})
