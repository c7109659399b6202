import { expect, test } from 'vitest'
import { createPacketLimit } from '../../../adapters/mqtt-packet-limit.ts'
import { createRetainedLimit } from '../../../adapters/mqtt-retained.ts'
import { faultOfFilter, matches, withoutCovered } from '../../../ingest/sensors/mqtt/filters.ts'
import { planOf } from '../../../ingest/sensors/mqtt/plan.ts'
import { createRepeats } from '../../../ingest/sensors/mqtt/repeats.ts'
import { mqttSensor } from './mqtt-fixture.ts'

test.each<[string, string, boolean]>([
  ['a/b', 'a/b', true],
  ['a/+', 'a/b', true],
  ['a/+', 'a/', true],
  ['a/+', 'a', false],
  ['a/+', 'a/b/c', false],
  ['+/b', 'a/b', true],
  ['a/#', 'a', true],
  ['a/#', 'a/b/c', true],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['$SYS/+', '$SYS/x', true],
  ['a/+', 'a/+', true],
  ['a/b', 'a/+', false],
  ['a/+', 'a/#', false],
  ['a/#', 'a/+', true],
])('%s matches %s: %s', (filter, topic, expected) => {
  expect(matches(filter, topic)).toBe(expected)
})

test.each<[string, RegExp | null]>([
  ['a/+/b', null],
  ['a/#', null],
  ['+', null],
  ['a+/b', /stands alone between/],
  ['a/++', /stands alone between/],
  ['a/#/b', /alone and last/],
  ['a\0b', /NUL/],
  ['', /empty/],
])('the filter %j', (filter, fault) => {
  if (fault) expect(faultOfFilter(filter)).toMatch(fault)
  else expect(faultOfFilter(filter)).toBeNull()
})

test('a filter that another covers is not subscribed to', () => {
  expect([...withoutCovered(['a/1', 'a/+', 'b/1', '+/1'])]).toEqual(['a/+', '+/1'])
})

test('a topic is of every sensor that names it; a topic of a status is nobody’s reading', () => {
  const exact = mqttSensor('one', { topic: 'site/7/pm' })
  const other = mqttSensor('two', { topic: 'site/7/pm', factor: 'a34002' })
  const wide = mqttSensor('wide', { topic: 'site/+/pm', statusTopic: 'site/7/status' })
  const all = mqttSensor('all', { topic: 'site/7/+' })
  const plan = planOf([exact, other, wide, all], null)
  expect(plan.of('site/7/pm').readings.map(({ id }) => id)).toEqual(['one', 'two', 'wide', 'all'])
  expect([...plan.of('site/7/pm').factors]).toEqual(['a34004', 'a34002'])
  expect(plan.of('site/8/pm').readings.map(({ id }) => id)).toEqual(['wide'])
  expect(plan.of('site/7/status')).toMatchObject({ readings: [], status: [{ id: 'wide' }] })
  expect(plan.of('else')).toMatchObject({ readings: [], status: [] })
  expect([...plan.filters].toSorted()).toEqual(['site/+/pm', 'site/7/+'])
})

test('a shared group shares readings, but every worker hears who comes and goes', () => {
  const plan = planOf([mqttSensor('one', { statusTopic: 'sensors/one' }), mqttSensor('two')], 'city')
  expect([...plan.filters]).toEqual(['$share/city/sensors/one', '$share/city/sensors/two', 'sensors/one'])
})

test('a topic that no broker takes is a fault of its sensor alone', () => {
  const plan = planOf(
    [mqttSensor('good'), mqttSensor('bad', { topic: 'a+/b' }), mqttSensor('worse', { statusTopic: 'x/#/y' })],
    null,
  )
  expect([...plan.filters]).toEqual(['sensors/good'])
  expect([...plan.faults.keys()]).toEqual(['bad', 'worse'])
  expect(plan.faults.get('bad')).toMatch(/topic "a\+\/b" cannot be subscribed to/)
})

test('a message that comes again keeps its first arrival; another one under its number does not', () => {
  const repeats = createRepeats(2)
  const packet = (messageId: number, payload: string, dup: boolean) =>
    ({ cmd: 'publish', qos: 1, retain: false, topic: 't', messageId, payload, dup }) as const
  expect(repeats.arrivalOf(packet(1, 'a', false), 100)).toBe(100)
  expect(repeats.arrivalOf(packet(1, 'a', true), 200)).toBe(100)
  expect(repeats.arrivalOf(packet(1, 'b', true), 300)).toBe(300)
  expect(repeats.arrivalOf(packet(2, 'a', false), 400)).toBe(400)
  expect(repeats.arrivalOf(packet(3, 'a', false), 500)).toBe(500) // 1 is forgotten
  expect(repeats.arrivalOf(packet(1, 'b', true), 600)).toBe(600)
  expect(repeats.arrivalOf({ ...packet(2, 'a', true), qos: 0 }, 700)).toBe(700)
})

test('of messages that come in one moment each arrives a little later than the one before on its topic', () => {
  const repeats = createRepeats(10)
  const packet = (messageId: number, topic: string, dup = false) =>
    ({ cmd: 'publish', qos: 1, retain: false, topic, messageId, payload: String(messageId), dup }) as const
  const arrivals = [1, 2, 3].map((id) => repeats.arrivalOf(packet(id, 'a'), 100))
  expect(arrivals).toEqual([100, 101, 102])
  expect(repeats.arrivalOf(packet(4, 'b'), 100)).toBe(100)
  expect(repeats.arrivalOf({ ...packet(5, 'a'), qos: 0 }, 101)).toBe(103)
  expect(repeats.arrivalOf(packet(2, 'a', true), 400)).toBe(101)
  expect(repeats.arrivalOf(packet(6, 'a'), 400)).toBe(400)
  // A clock that is put back by an hour is believed.
  expect(repeats.arrivalOf(packet(7, 'a'), 400 - 3_600_000)).toBe(400 - 3_600_000)
})

test('retained messages are bounded in number and size, and can be taken back', () => {
  const limit = createRetainedLimit(2, 10)
  const refuses = (topic: string, payload: string, retain = true) => limit.refuses({ topic, payload, retain })
  expect(refuses('a', 'x')).toBeNull()
  expect(refuses('b', 'x')).toBeNull()
  expect(refuses('c', 'x')).toMatch(/2 topics/)
  expect(refuses('c', 'x', false)).toBeNull()
  expect(refuses('a', 'y')).toBeNull()
  expect(refuses('a', 'x'.repeat(11))).toMatch(/at most 10 bytes/)
  expect(refuses('a', '')).toBeNull()
  expect(refuses('c', 'x')).toBeNull()
})

test('the length of a packet is seen in its header, however the bytes are cut', () => {
  const packet = (length: number) => {
    const header = [0x30]
    let rest = length
    do {
      header.push((rest % 128) + (rest >= 128 ? 128 : 0))
      rest = Math.floor(rest / 128)
    } while (rest > 0)
    return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)])
  }
  const stream = Buffer.concat([0, 1, 127, 128, 1_000, 0, 999].map(packet))
  for (const size of [1, 2, 3, 7, 128, 5_000]) {
    const limit = createPacketLimit(1_000)
    for (let at = 0; at < stream.length; at += size)
      expect(limit.allows(stream.subarray(at, at + size))).toBe(true)
    expect(limit.allows(packet(1_001).subarray(0, 3))).toBe(false)
  }
  expect(createPacketLimit(1_000).allows(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]))).toBe(false)
})
