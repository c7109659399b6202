import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOtlpTracer, type OtlpTracer } from '../../adapters/traces.ts'
import { toMessage } from '../../core/event.ts'
import { linksOf, noTracer, traceparentOf } from '../../core/trace.ts'
import { hazardEvent, hazardMessage, TEST_TIME } from '../support/events.ts'
import { recordingLog, recordingMetrics } from '../support/log.ts'
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts'

const EVENT = '0197a000-1111-7222-8333-444455556666'
let receiver: OtlpReceiver
let tracer: OtlpTracer
let metrics: ReturnType<typeof recordingMetrics>
let log: ReturnType<typeof recordingLog>
beforeEach(async () => {
  receiver = await startOtlpReceiver()
  metrics = recordingMetrics()
  log = recordingLog()
  tracer = open(receiver.url)
})
afterEach(async () => {
  await tracer[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})
const open = (url: string) =>
  createOtlpTracer({ url, part: 'ingest', instance: 'eyes-1', version: '0.2.0', log, metrics })

test('the id of an event is the id of its trace, in every process', async () => {
  expect(tracer.context(EVENT)).toBe(
    '00-0197a0001111722283334444 55556666-8333444455556666-01'.replace(' ', ''),
  )
  const facts = { event: EVENT, camera: 'cam-1' }
  tracer.record('event', { parent: tracer.context(EVENT), root: true, facts }, TEST_TIME, TEST_TIME + 900)
  await using other = open(receiver.url)
  other.record('alert opened', { parent: traceparentOf(EVENT) }, TEST_TIME + 950, TEST_TIME + 990)
  await Promise.all([tracer.flush(), other.flush()])
  const [root, child] = ['event', 'alert opened'].map((name) => receiver.spans.find((s) => s.name === name))
  expect(root).toMatchObject({
    traceId: '0197a000111172228333444455556666',
    spanId: '8333444455556666',
    parentSpanId: null,
    fromMs: TEST_TIME,
    toMs: TEST_TIME + 900,
    facts,
    failure: null,
    resource: { 'service.name': 'sharp-eyes', 'service.namespace': 'ingest', 'service.version': '0.2.0' },
  })
  expect(child).toMatchObject({ traceId: root?.traceId, parentSpanId: root?.spanId })
  expect(child?.spanId).not.toBe(root?.spanId)
})

test('a span of work: its answer, its links, and its failure without secrets', async () => {
  const messages = [
    hazardMessage(hazardEvent({ id: EVENT }), { kind: 'start', seq: 1 }),
    hazardMessage(hazardEvent(), { kind: 'update', seq: 2 }),
  ]
  const links = () => [...linksOf(messages), 'no trace context', '00-0-0-01']
  expect(await tracer.span('inbox batch', { facts: { messages: 2 }, links }, async () => 'answer')).toBe(
    'answer',
  )
  const failing = tracer.span('spool send', {}, () => Promise.reject(new Error('at mqtt://me:hidden@host')))
  await expect(failing).rejects.toThrow('hidden')
  await tracer.flush()
  const [batch, send] = ['inbox batch', 'spool send'].map((name) =>
    receiver.spans.find((s) => s.name === name),
  )
  expect(batch).toMatchObject({ facts: { messages: 2 }, links: [EVENT.replaceAll('-', '')], failure: null })
  expect(batch?.traceId).not.toBe(send?.traceId)
  expect(send?.failure).toBe('at mqtt://***@host')
  expect(metrics.counts.get('traces_sent_total{}')).toBe(2)
})

test('a receiver that refuses, or is not there, stops nothing; what is gone is counted', async () => {
  receiver.status = 400
  expect(await tracer.span('spool send', {}, async () => 1)).toBe(1)
  await tracer.flush()
  expect(receiver.spans).toEqual([])
  expect(metrics.counts.get('traces_unsent_total{why=refused}')).toBe(1)
  expect(log.lines.join()).toMatch(/traces cannot be sent now/)

  const nobody = open('http://127.0.0.1:9')
  expect(await nobody.span('spool send', {}, async () => 2)).toBe(2)
  // What the library tries again takes its time; closing does not wait for it.
  await nobody[Symbol.asyncDispose]()
})

test('what does not fit is dropped and counted; a hostile context is passed over', async () => {
  await using slow = createOtlpTracer({
    url: 'http://127.0.0.1:9',
    part: 'ingest',
    instance: 'x',
    version: '1',
    log,
    metrics,
    sendEveryMs: 600_000,
  })
  for (let n = 0; n < 6_000; n += 1)
    slow.record('spool', { parent: `${'0'.repeat(80)}` }, TEST_TIME, TEST_TIME)
  expect(metrics.counts.get('traces_unsent_total{why=queue_full}')).toBeGreaterThan(1_000)
})

test('off, nothing is made: no context in messages, no span, no question for links', async () => {
  let asked = 0
  const links = () => {
    asked += 1
    return []
  }
  expect(await noTracer.span('x', { links }, async () => 7)).toBe(7)
  expect(asked).toBe(0)
  const place = { kind: 'start', epoch: 1, seq: 1, worker: 'w', at: TEST_TIME } as const
  const event = hazardEvent({ id: EVENT })
  expect(toMessage(event, { ...place, traceparent: noTracer.context(EVENT) })).not.toHaveProperty(
    'traceparent',
  )
  expect(toMessage(event, { ...place, traceparent: tracer.context(EVENT) }).traceparent).toBe(
    traceparentOf(EVENT),
  )
})
