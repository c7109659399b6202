import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { MatterFacts } from '../../../alerts/changes/facts.ts'
import { busChange } from '../../../alerts/changes/message.ts'
import type { PositionedChange } from '../../../alerts/changes/read.ts'
import { schemaText } from '../../../app/schemas.ts'
import { toMessage } from '../../../core/event.ts'
import { MESSAGES, type MessageName } from '../../../core/messages/table.ts'
import { toReadingsMessage } from '../../../core/reading.ts'
import { hazardEvent, TEST_TIME } from '../../support/events.ts'
import { breaks } from './additive.ts'

/**
 * Within a major version, old reads new and new reads old. `samples/` are messages as they went over a bus, `frozen/` the
 * JSON Schemas as they were first published: neither is ever changed. What does not fit is a `v2` beside the `v1`.
 */
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0]
interface Sample {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}
const file = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T
const NAMES = Object.keys(MESSAGES) as MessageName[]
const samples = (name: MessageName) => file<Sample[]>(`./samples/${name}.json`)
const frozen = (name: MessageName) => file<Record<string, unknown>>(`./frozen/${name}.json`)
const current = (name: MessageName) => JSON.parse(schemaText(`${name}.json`)) as Record<string, unknown>
const parse = (name: MessageName, message: unknown): unknown => MESSAGES[name].schema.parse(message)

describe.each(NAMES)('%s', (name) => {
  test('new reads old: every stored message, whole', () => {
    expect(samples(name).length).toBeGreaterThanOrEqual(3)
    for (const message of samples(name)) expect(parse(name, message)).toEqual(message)
  })

  test('old reads new: what a later version added is passed over', () => {
    const newer = file<Sample[]>('./samples/newer.json').filter(({ type }) => type.endsWith(`.${name}`))
    expect(newer).toHaveLength(1)
    for (const message of newer) {
      expect(JSON.stringify(message)).toMatch(/addedLater/)
      const read = parse(name, message)
      expect(JSON.stringify(read)).not.toMatch(/addedLater/)
      expect(read).toEqual({ ...samples(name)[0], traceparent: expect.any(String) })
      expect(z.fromJSONSchema(frozen(name) as JsonSchema).safeParse(message).success).toBe(true)
    }
  })

  test('what is written now is valid by the schema as it was first published', () => {
    const old = z.fromJSONSchema(frozen(name) as JsonSchema)
    for (const message of written[name]()) {
      expect(old.safeParse(JSON.parse(JSON.stringify(message))).error?.issues ?? []).toEqual([])
      // Exact: nothing is written that the schema does not know.
      expect(parse(name, message)).toEqual(message)
    }
  })

  test('the schema has only grown since', () => {
    expect(breaks(frozen(name), current(name))).toEqual([])
  })
})

test('a field that becomes required, or goes, or changes, is seen', () => {
  const schema = current('alert.event.v1') as {
    properties: { data: { required: string[]; properties: Record<string, unknown> } }
  }
  const after = (change: (data: (typeof schema)['properties']['data']) => void) => {
    const copy = structuredClone(schema)
    change(copy.properties.data)
    return breaks(schema, copy)
  }
  expect(after((data) => void data.required.push('region'))).toEqual([
    '/properties/data/required: region is required now',
  ])
  expect(after((data) => void data.required.splice(data.required.indexOf('actor'), 1))).toEqual([
    '/properties/data/required: actor is required no more',
  ])
  expect(after((data) => void delete data.properties.actor)).toEqual([
    '/properties/data/properties/actor: gone',
  ])
  expect(
    after((data) => {
      data.properties.actor = { type: 'integer' }
    }),
  ).toEqual(['/properties/data/properties/actor/type: changed'])
  expect(
    after((data) => {
      data.properties.region = { type: 'string' }
    }),
  ).toEqual([])
})

// ---- what the code of today writes, with every field once full and once empty ----

const iso = new Date(TEST_TIME).toISOString()
const ALERT = '0197a000-0000-7000-8000-00000000000a'
const facts: MatterFacts = {
  alerts: new Map([
    [
      ALERT,
      {
        fingerprint: 'f',
        source_kind: 'camera',
        rule_id: 'r',
        since: new Date(TEST_TIME),
        place: { lon: 1, lat: 2 },
      },
    ],
  ]),
  cases: new Map([
    ['2026-000001', { purpose: 'environment', place: { address: 'a' }, filed_at: new Date(TEST_TIME) }],
  ]),
}
const fromChange = (topic: PositionedChange['topic'], key: string, payload: Record<string, unknown>) => {
  const found = busChange({ pos: '7', topic, key, at: new Date(TEST_TIME), payload }, facts, 'log-1')
  expect(found?.fault).toBeNull()
  return JSON.parse(Buffer.from(found?.record.value ?? []).toString('utf8')) as unknown
}

const alertPayload = {
  kind: 'verdict',
  actor: 'centre.duty',
  id: ALERT,
  type: 'plume',
  severity: 2,
  state: 'resolved',
  verdict: 'rejected',
  verdictReason: 'light_or_weather',
  acknowledgedBy: 'centre.duty',
  camera: 'cam-1',
  zone: 'sky',
  purpose: 'environment',
  startedAt: iso,
  lastSeenAt: iso,
  resolvedAt: iso,
  occurrences: 2,
  lost: false,
  caseNo: '2026-000001',
  eventId: ALERT,
  version: 4,
}
const casePayload = {
  kinds: ['file', 'dispatch'],
  actor: 'centre.duty',
  no: '2026-000001',
  state: 'pending_accept',
  version: 2,
  type: 'plume',
  severity: 2,
  alertId: ALERT,
  camera: 'cam-1',
  lead: 'ecology',
  assist: ['market'],
  due: { clock: 'accept', at: iso },
  reworkCount: 0,
  extensionCount: 0,
  closedAt: null,
}
const notificationPayload = {
  id: ALERT,
  messageId: 'msg_1',
  groupKind: 'case',
  groupId: '2026-000001',
  step: 'filed',
  department: 'ecology',
  channel: 'webhook',
  recipient: 'ecology/1',
  state: 'sent',
  attempt: 1,
  nextAttemptAt: null,
  possibleDuplicates: 0,
  providerCode: 'http_200',
  error: null,
  sentAt: iso,
}
const empty = {
  actor: null,
  verdict: null,
  verdictReason: null,
  acknowledgedBy: null,
  zone: null,
  purpose: null,
}
const position = { kind: 'start', epoch: 1, seq: 1, worker: 'w', at: TEST_TIME } as const
const picture = { sha256: 'a'.repeat(64), bytes: 1, mediaType: 'image/jpeg', width: 1, height: 1 }
const reading = { factor: 'a34004', period: 'instant', statistic: 'value', at: TEST_TIME } as const

const written: Record<MessageName, () => readonly unknown[]> = {
  'hazard.event.v1': () => [
    toMessage(hazardEvent(), position),
    toMessage(
      hazardEvent({
        zone: null,
        box: null,
        endedAt: TEST_TIME,
        endReason: 'gone',
        detections: [{ label: 'person', score: 0.5, box: [0, 0, 1, 1] }],
        model: { id: 'm', family: 'yolox', sha256: 'b'.repeat(64) },
        still: { masked: picture, original: null, capturedAt: TEST_TIME, method: 'frame@1' },
      }),
      { ...position, kind: 'end' },
    ),
  ],
  'sensor.readings.v1': () => [
    toReadingsMessage({
      device: 'mn',
      protocol: 'hj212',
      receivedAt: TEST_TIME,
      worker: 'w',
      readings: [
        { ...reading, value: 1.5, flag: 'N' },
        { ...reading, value: null, flag: null },
      ],
      status: null,
    }),
  ],
  'alert.event.v1': () => [
    fromChange('alert', ALERT, alertPayload),
    fromChange('alert', ALERT, {
      ...alertPayload,
      kind: 'picture',
      picture: { camera: 'cam-1', kind: 'clip', state: 'ready' },
    }),
    fromChange('alert', ALERT, {
      ...alertPayload,
      ...empty,
      resolvedAt: null,
      caseNo: null,
      state: 'firing',
    }),
  ],
  'case.event.v1': () => [
    fromChange('case', '2026-000001', casePayload),
    fromChange('case', '2026-000001', {
      ...casePayload,
      alertId: null,
      camera: null,
      lead: null,
      assist: [],
      due: null,
      closedAt: iso,
    }),
  ],
  'notify.attempt.v1': () => [
    fromChange('notification', ALERT, notificationPayload),
    fromChange('notification', ALERT, {
      ...notificationPayload,
      state: 'queued',
      nextAttemptAt: iso,
      providerCode: null,
      sentAt: null,
    }),
  ],
}
