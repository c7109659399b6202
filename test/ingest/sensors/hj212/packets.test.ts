import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPartAssembler, type PartAssembler } from '../../../../ingest/sensors/hj212/packets.ts'
import { decodeSegment, type Packet } from '../../../../ingest/sensors/hj212/segment.ts'
import { segmentOf } from './vectors.ts'

const TIME = '20260101080000'
function part(no: number, { count = 2, time = '', mn = 'A', qn = '1', cn = '2051' } = {}): Packet {
  const packet = decodeSegment(
    `QN=${qn};CN=${cn};MN=${mn};PNUM=${count};PNO=${no};CP=&&${time && `DataTime=${time};`}a${no}-Avg=${no}&&`,
  )
  if (typeof packet === 'string') throw new Error(packet)
  return packet
}
const take = (parts: PartAssembler<string>, packet: Packet, now = 0, context = '') =>
  parts.take(packet, context, now).map((one) => [one.packet.part?.no ?? 0, one.dataTime, one.context])

test('a whole packet goes through', () => {
  const parts = createPartAssembler<string>()
  const whole = decodeSegment(segmentOf('typo')) as Packet
  expect(take(parts, whole, 0, 'x')).toEqual([[0, '20200814151600', 'x']])
  expect(parts.waiting).toBe(0)
})

test('parts that name their time wait for nobody', () => {
  const parts = createPartAssembler<string>()
  expect(take(parts, part(2, { time: TIME }))).toEqual([[2, TIME, '']])
  expect(take(parts, part(1, { time: TIME }))).toEqual([[1, TIME, '']])
})

test('a part without time has that of its packet, before or after it', () => {
  const parts = createPartAssembler<string>()
  expect(take(parts, part(2, { count: 3 }), 0, 'second')).toEqual([])
  expect(take(parts, part(1, { count: 3, time: TIME }), 1, 'first')).toEqual([
    [1, TIME, 'first'],
    [2, TIME, 'second'],
  ])
  expect(take(parts, part(3, { count: 3 }), 2, 'third')).toEqual([[3, TIME, 'third']])
  expect(parts.waiting).toBe(0)
})

test('MN, QN and CN tell packets apart', () => {
  const parts = createPartAssembler<string>()
  take(parts, part(1, { time: TIME }))
  for (const other of [{ mn: 'B' }, { qn: '2' }, { cn: '2061' }])
    expect(take(parts, part(2, other))).toEqual([])
  expect(take(parts, part(2))).toHaveLength(1)
})

test('a part that is sent again takes the place of the one that waits', () => {
  const parts = createPartAssembler<string>()
  take(parts, part(2), 0, 'old connection')
  take(parts, part(2), 1, 'new connection')
  expect(parts.waiting).toBe(1)
  expect(take(parts, part(1, { time: TIME }), 2)).toEqual([
    [1, TIME, ''],
    [2, TIME, 'new connection'],
  ])
})

test('what waits too long is given up and counted once', () => {
  const parts = createPartAssembler<string>({ holdMs: 1_000 })
  take(parts, part(2), 0)
  take(parts, part(2, { mn: 'B' }), 900)
  expect(parts.expire(1_000)).toBe(0)
  expect(parts.expire(1_001)).toBe(1)
  expect(parts.expire(1_001)).toBe(0)
  expect(parts.waiting).toBe(1)
  // Its time is forgotten with it.
  expect(take(parts, part(1, { time: TIME }), 1_002)).toEqual([[1, TIME, '']])
})

test('a clock that is put back gives up what waits instead of keeping it for ever', () => {
  const parts = createPartAssembler<string>({ holdMs: 1_000 })
  take(parts, part(2), 10_000)
  expect(parts.expire(5_000)).toBe(1)
})

test('however many come, the room is bounded and every part is accounted for', () => {
  const one = fc.record({
    no: fc.integer({ min: 1, max: 5 }),
    mn: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'),
    timed: fc.boolean(),
    wait: fc.nat(400),
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 60 }), (all) => {
      const parts = createPartAssembler<string>({ open: 4, waiting: 6, holdMs: 1_000 })
      const ended: string[] = []
      let given = 0
      let now = 0
      for (const [index, { no, mn, timed, wait }] of all.entries()) {
        now += wait
        const packet = part(no, { count: 5, mn, ...(timed ? { time: TIME } : {}) })
        ended.push(...parts.take(packet, String(index), now).map(({ context }) => context))
        given += parts.expire(now)
        expect(parts.waiting).toBeLessThanOrEqual(6)
      }
      given += parts.expire(now + 2_000)
      expect(parts.waiting).toBe(0)
      // None comes out twice; those that are neither out nor given up were sent again meanwhile.
      expect(new Set(ended).size).toBe(ended.length)
      expect(ended.length + given).toBeLessThanOrEqual(all.length)
      const timed = all.flatMap((packet, index) => (packet.timed ? String(index) : []))
      expect(ended).toEqual(expect.arrayContaining(timed))
    }),
  )
})
