import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readingsMessageSchema } from '../../../core/reading.ts'
import { readingsOf } from '../../../ingest/sensors/mqtt/messages.ts'
import { MAX_PAYLOAD_BYTES, parsePayload, type Value } from '../../../ingest/sensors/mqtt/payload.ts'
import { parseStatus } from '../../../ingest/sensors/mqtt/status.ts'
import { parseTime } from '../../../ingest/sensors/mqtt/time.ts'
import { mqttSensor } from './mqtt-fixture.ts'

const FACTORS = new Set(['a34004', 'a34002'])
const NOON = Date.UTC(2026, 2, 1, 4)
const parse = (said: unknown) =>
  parsePayload(Buffer.from(typeof said === 'string' ? said : JSON.stringify(said)), FACTORS)
const value = (number: number | null, rest: Partial<Value> = {}): Value => ({
  ...{ factor: null, value: number, flag: null, at: null },
  ...rest,
})

describe('what is taken', () => {
  test.each<[string, unknown, Value[]]>([
    ['a bare number', '35.1', [value(35.1)]],
    ['a number as devices print it', ' +3.50e1\r\n', [value(35)]],
    ['a number without a leading zero', '.5', [value(0.5)]],
    [
      'a value with an ISO time',
      { value: 35.1, at: '2026-03-01T12:00:00+08:00' },
      [value(35.1, { at: NOON })],
    ],
    ['epoch seconds', { value: 35.1, ts: NOON / 1_000 }, [value(35.1, { at: NOON })]],
    ['epoch milliseconds', { value: 35.1, time: NOON + 250 }, [value(35.1, { at: NOON + 250 })]],
    ['a flag beside the value', { value: 35.1, flag: 'D' }, [value(35.1, { flag: 'D' })]],
    ['a flag alone', { flag: 'B', at: NOON }, [value(null, { flag: 'B', at: NOON })]],
    ['a value that is null, with a flag', { value: null, flag: 'B' }, [value(null, { flag: 'B' })]],
    [
      'several factors, with one time for all and one of its own',
      { at: NOON, a34004: 35.1, a34002: { value: 80, at: NOON + 1, flag: 'N' }, battery: 'low' },
      [value(35.1, { factor: 'a34004', at: NOON }), value(80, { factor: 'a34002', at: NOON + 1, flag: 'N' })],
    ],
    [
      'a CloudEvent: its time is that of what it carries',
      {
        ...{ specversion: '1.0', id: '1', source: '/x', type: 't', time: '2026-03-01T04:00:00Z' },
        data: { value: 35.1 },
      },
      [value(35.1, { at: NOON })],
    ],
    [
      'a batch of CloudEvents',
      [
        { specversion: '1.0', time: NOON, data: [1, { value: 2, at: NOON + 5 }] },
        { specversion: '1.0', data: { a34002: 3 } },
      ],
      [value(1, { at: NOON }), value(2, { at: NOON + 5 }), value(3, { factor: 'a34002' })],
    ],
    ['an array', [1, { value: 2, ts: NOON }], [value(1), value(2, { at: NOON })]],
  ])('%s', (_what, said, values) => {
    expect(parse(said)).toEqual({ values, rejected: 0, first: null })
  })

  test('what is good in an array is taken beside what is not, and the bad is counted', () => {
    const { values, rejected, first } = parse([1, 'two', { value: 'three' }, 4])
    expect(values).toEqual([value(1), value(4)])
    expect(rejected).toBe(2)
    expect(first).toEqual({ code: 'value', reason: 'a text where a number or an object belongs' })
  })
})

describe('what is not taken, and why', () => {
  test.each<[string, string | Buffer, string, RegExp]>([
    ['NaN', 'NaN', 'not_json', /neither a number nor JSON/],
    ['Infinity', '-Infinity', 'not_json', /neither a number nor JSON/],
    ['a number that is too large', '1e999', 'value', /not a finite number/],
    ['a number that nothing measures', '{"value":-1e31}', 'value', /larger than anything/],
    ['a number in quotes', '"35.1"', 'value', /a text where a number/],
    ['a value in quotes', '{"value":"35.1"}', 'value', /is a text, not a number/],
    ['a boolean', '{"a34004":true}', 'value', /of a34004 is a boolean/],
    ['null', 'null', 'value', /null where/],
    ['a null value without a flag', '{"value":null}', 'value', /neither a value nor a flag/],
    ['an empty object', '{}', 'factor', /none of the configured factors \(a34004, a34002\).*no keys/],
    ['foreign factors', '{"a21026":1}', 'factor', /it has "a21026"/],
    ['a time without a zone', '{"value":1,"at":"2026-03-01T12:00:00"}', 'time', /ISO 8601 with a zone/],
    ['a time that does not exist', '{"value":1,"at":"2026-13-01T12:00:00Z"}', 'time', /does not exist/],
    ['a time of the year 5138', '{"value":1,"at":1e15}', 'time', /neither epoch seconds nor/],
    ['a time that is an object', '{"value":1,"at":{}}', 'time', /neither a text nor a number/],
    ['a long flag', '{"value":1,"flag":"0123456789abcdefg"}', 'flag', /at most 16/],
    ['a NUL in a flag', '{"value":1,"flag":"a\\u0000b"}', 'flag', /printable/],
    ['a CloudEvent without data', '{"specversion":"1.0"}', 'shape', /without data/],
    ['arrays without end', '['.repeat(200_000) + ']'.repeat(200_000), 'shape', /arrays in arrays/],
    ['broken JSON', '{"value":1', 'not_json', /neither/],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x31]), 'not_text', /UTF-8/],
    ['more than a MiB', Buffer.alloc(MAX_PAYLOAD_BYTES + 1, 0x31), 'too_large', /1048577 bytes/],
  ])('%s', (_what, bytes, code, reason) => {
    const { values, rejected, first } = parsePayload(Buffer.from(bytes), FACTORS)
    expect(values).toEqual([])
    expect(rejected).toBe(1)
    expect(first?.code).toBe(code)
    expect(first?.reason).toMatch(reason)
  })

  test('a factor with the name of something inherited is not there by itself', () => {
    const inherited = new Set(['constructor', '__proto__', 'toString'])
    expect(parsePayload(Buffer.from('{"x":1}'), inherited).first?.code).toBe('factor')
    expect(parsePayload(Buffer.from('{"__proto__":{"value":7}}'), inherited).values).toEqual([
      value(7, { factor: '__proto__' }),
    ])
  })

  test('whatever comes is answered, and what is taken is a message of the schema', () => {
    const sensor = mqttSensor('pm-1')
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .object({
          key: fc.constantFrom('value', 'at', 'ts', 'flag', 'a34004', 'specversion', 'data'),
          maxDepth: 4,
        })
        .map((said) => Buffer.from(JSON.stringify(said))),
    )
    fc.assert(
      fc.property(hostile, (bytes) => {
        const { values, rejected, first } = parsePayload(bytes, FACTORS)
        expect(values.length + rejected).toBeGreaterThanOrEqual(0)
        expect(first === null).toBe(rejected === 0)
        const arrival = { at: NOON, retained: false, worker: 'w' }
        for (const message of readingsOf(sensor, values, arrival).messages)
          expect(readingsMessageSchema.safeParse(message).success).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

test.each<[unknown, number]>([
  ['2026-03-01T04:00:00Z', NOON],
  ['2026-03-01 12:00:00.250+0800', NOON + 250],
  ['2026-03-01T12:00+08:00', NOON],
  [1_772_337_600, 1_772_337_600_000],
  [1_772_337_600.5, 1_772_337_600_500],
])('the time %j', (said, at) => {
  expect(parseTime(said)).toEqual({ at })
})

describe('readings of a sensor', () => {
  const sensor = mqttSensor('pm-1')
  const arrival = { at: NOON, retained: false, worker: 'w' }
  const times = (values: readonly Value[], changes = {}) => {
    const found = readingsOf(sensor, values, { ...arrival, ...changes })
    return { ...found, messages: found.messages.flatMap(({ data }) => data.readings.map(({ at }) => at)) }
  }

  test('without a time they have that of their arrival', () => {
    expect(times([value(1)])).toEqual({ messages: [NOON], skewed: 0, timeless: 0 })
  })

  test('a clock that is ahead or was never set is no clock; a late reading is only late', () => {
    const minutes = 60_000
    const values = [
      value(1, { at: NOON + 9 * minutes }),
      value(2, { at: NOON + 11 * minutes }),
      value(3, { at: Date.UTC(1970, 0, 2) }),
      value(4, { at: Date.UTC(2019, 0, 1) }),
    ]
    expect(times(values)).toEqual({
      messages: [NOON + 9 * minutes, NOON, NOON, Date.UTC(2019, 0, 1)],
      skewed: 2,
      timeless: 0,
    })
  })

  test('a retained reading is of its own time; without one nobody knows when it was', () => {
    const values = [value(1, { at: NOON - 86_400_000 }), value(2), value(3, { at: 0 })]
    expect(times(values, { retained: true })).toEqual({
      messages: [NOON - 86_400_000],
      skewed: 1,
      timeless: 2,
    })
  })

  test('other factors are not its own, and many readings are several messages', () => {
    const values = [
      ...Array.from({ length: 1_201 }, (_, n) => value(n, { factor: 'a34004', at: NOON + n })),
      value(1, { factor: 'a34002' }),
    ]
    const { messages } = readingsOf(sensor, values, arrival)
    expect(messages.map(({ data }) => data.readings.length)).toEqual([500, 500, 201])
    expect(new Set(messages.map(({ id }) => id)).size).toBe(3)
  })

  test('the same content is the same message, whenever and through whomever it comes', () => {
    const of = (at: number, worker: string) =>
      readingsOf(sensor, [value(1, { at: NOON })], { at, retained: false, worker }).messages[0]?.id
    expect(of(NOON, 'a')).toBe(of(NOON + 5_000, 'b'))
  })
})

test.each<[string, 'online' | 'offline' | null]>([
  ['online', 'online'],
  [' Offline\n', 'offline'],
  ['"online"', 'online'],
  ['{"status":"OFFLINE"}', 'offline'],
  ['{"state":"online"}', 'online'],
  ['{"status":1}', null],
  ['{', null],
  ['null', null],
  ['"', null],
  ['away', null],
  ['', null],
])('the status %j is %s', (text, status) => {
  expect(parseStatus(Buffer.from(text))).toBe(status)
})
