import { describe, expect, test } from 'vitest'
import { sensorSchema } from '../../core/config/sensor.ts'
import { agreeingTypes } from '../../core/sensors/agreement.ts'
import { faultOf, type SensorLife } from '../../core/sensors/fault.ts'
import { basisOf, saysFault } from '../../core/sensors/flags.ts'
import { evaluate, type Judgeable, openEpisode } from '../../core/sensors/limit.ts'
import { flagOf, type ReadingMark, type StoredReading } from '../../core/sensors/marks.ts'
import { metresBetween, nearCameras } from '../../core/sensors/near.ts'
import { chooseSeries, gapOf, limitRule, type SeriesChoice, toJudgeable } from '../../core/sensors/series.ts'

const MINUTE = 60_000
const T0 = Date.UTC(2026, 2, 1)
const sensorWith = (changes: object) =>
  sensorSchema.parse({
    ...{ id: 's', source: 'mqtt', topic: 't', factor: 'f', unit: 'u', every: '1m' },
    ...changes,
  })
const rule = (limit: object, changes: object = {}) =>
  limitRule(sensorWith({ limit, ...changes }), 'instant') ?? expect.unreachable()

/** Values a minute apart; null: no reading. */
const readings = (values: readonly (number | null)[], basis: Judgeable['basis'] = 'full'): Judgeable[] =>
  values.flatMap((value, minute) =>
    value === null ? [] : [{ at: minute * MINUTE, receivedAt: minute * MINUTE, value, basis }],
  )
const found = (limit: object, values: readonly (number | null)[], changes: object = {}) => {
  const { ended, state } = evaluate(rule(limit, changes), readings(values))
  const open = openEpisode(state)
  return (open ? [...ended, open] : ended).map(({ since, startedAt, endedAt, peak }) => [
    since / MINUTE,
    startedAt / MINUTE,
    endedAt === null ? null : endedAt / MINUTE,
    peak,
  ])
}

describe('a limit', () => {
  test.each<[string, object, (number | null)[], (number | null)[][]]>([
    ['without a duration it is exceeded by one reading', { above: 10 }, [10, 11, 10], [[1, 1, 2, 11]]],
    ['at the limit is within it', { above: 10, for: '1m' }, [10, 10, 10], []],
    ['one reading within breaks what has not lasted', { above: 10, for: '2m' }, [11, 11, 10, 11, 11], []],
    ['exactly as long is long enough', { above: 10, for: '2m' }, [11, 12, 13], [[0, 2, null, 13]]],
    ['between clear and limit it goes on', { above: 10, clear: 5 }, [11, 6, 6, 5, 6], [[0, 0, 3, 11]]],
    ['between clear and limit it does not begin', { above: 10, for: '1m', clear: 5 }, [11, 6, 11, 6], []],
    ['below: the other way round', { below: 6, for: '1m', clear: 7 }, [5, 4, 6.5, 7], [[0, 1, 3, 4]]],
    [
      'a second one is another one',
      { above: 10 },
      [11, 9, 12, 9],
      [
        [0, 0, 1, 11],
        [2, 2, 3, 12],
      ],
    ],
    [
      'three missed readings are no break',
      { above: 10, for: '3m' },
      [11, null, null, 11],
      [[0, 3, null, 11]],
    ],
    ['four are', { above: 10, for: '3m' }, [11, null, null, null, 11], []],
  ])('%s', (_, limit, values, expected) => {
    expect(found(limit, values)).toEqual(expected)
  })

  test('an exceedance is carried over a hole, and not over more than a day', () => {
    const hole = (minutes: number): null[] => Array.from({ length: minutes }, () => null)
    expect(found({ above: 10 }, [11, ...hole(1_439), 11])).toEqual([[0, 0, null, 11]])
    expect(found({ above: 10 }, [11, ...hole(1_440), 12])).toEqual([
      [0, 0, 0, 11],
      [1_441, 1_441, null, 12],
    ])
  })

  test('at least this high is over an upper limit, and never within it; it is clear of a lower one', () => {
    const floor = (limit: object, before: number[], value: number) => {
      const last = { at: 10 * MINUTE, receivedAt: 10 * MINUTE, value, basis: 'floor' as const }
      return openEpisode(evaluate(rule(limit, { every: '10m' }), [...readings(before), last]).state)
    }
    expect(floor({ above: 10 }, [], 11)).not.toBeNull()
    expect(floor({ above: 10 }, [11], 9)).not.toBeNull()
    expect(floor({ below: 10 }, [], 9)).toBeNull()
    expect(floor({ below: 10 }, [9], 10)).toBeNull()
  })

  test('where nobody said how often readings come, three hours is a hole; means cannot come oftener than their period', () => {
    expect(gapOf({ every: undefined }, 'instant')).toBe(180 * MINUTE)
    expect(gapOf({ every: MINUTE }, 'instant')).toBe(3 * MINUTE)
    expect(gapOf({ every: MINUTE }, 'hour')).toBe(180 * MINUTE)
    expect(gapOf({ every: undefined }, 'day')).toBe(3 * 24 * 60 * MINUTE)
  })
})

test.each([
  [null, 'full', false],
  ['N', 'full', false],
  ['n ', 'full', false],
  ['T', 'floor', false],
  ['M', 'none', false],
  ['C', 'none', false],
  ['F', 'none', false],
  ['S', 'none', false],
  ['D', 'none', true],
  ['B', 'none', true],
  ['toString', 'none', false],
  ['', 'none', false],
] as const)('flag %j is %s basis; fault: %s', (flag, basis, fault) => {
  expect([basisOf(flag), saysFault(flag)]).toEqual([basis, fault])
})

describe('a reading', () => {
  const reading = (more: Partial<StoredReading> = {}): StoredReading => ({
    ...{ at: T0, receivedAt: T0, value: 9, flag: null, period: 'instant', statistic: 'value' },
    ...more,
  })
  const mark = (more: Partial<ReadingMark>): ReadingMark => ({
    ...{ id: '1', from: T0, to: T0, series: null, flag: 'D', by: 'person', madeAt: T0 + 100 },
    ...more,
  })

  test('is judged in the unit, as a person works it out', () => {
    const sensor = sensorWith({ scale: 0.001, limit: { above: 0.009 } })
    const judged = toJudgeable(sensor, reading(), []) ?? expect.unreachable()
    expect(judged.value).toBe(0.009)
    expect(openEpisode(evaluate(rule({ above: 0.009 }), [judged]).state)).toBeNull()
  })

  test.each([
    ['has no value', { value: null }],
    ['is flagged', { flag: 'D' }],
    ['is from a clock far ahead', { at: T0 + 10 * MINUTE + 1, receivedAt: T0 }],
    ['is from a clock that was never set', { at: Date.UTC(1980, 0, 6) }],
    ['is beyond every number', { value: 1e308 }],
  ])('that %s is no basis', (_, more) => {
    expect(toJudgeable({ scale: 10 }, reading(more), [])).toBeNull()
  })

  test('the latest word of a person counts, else of the device, else its own', () => {
    const own = reading({ flag: 'N', receivedAt: T0 + 50 })
    const device = mark({ id: '2', by: 'device', flag: 'C', madeAt: T0 + 200 })
    expect(flagOf(own, [])).toBe('N')
    expect(flagOf(own, [device])).toBe('C')
    expect(flagOf(own, [mark({ id: '3', by: 'device', flag: 'C', madeAt: T0 + 40 })])).toBe('N')
    expect(flagOf(own, [device, mark({ flag: 'D' })])).toBe('D')
    expect(flagOf(own, [mark({ id: '9', flag: 'D' }), mark({ id: '10', flag: 'N' })])).toBe('N')
    expect(flagOf(own, [mark({ from: T0 + 1, to: T0 + 9 })])).toBe('N')
    expect(flagOf(own, [mark({ series: { period: 'hour', statistic: 'avg' } })])).toBe('N')
  })
})

test('the finest series that really comes is judged', () => {
  let choice: SeriesChoice = { period: null, rival: null }
  const take = (
    period: 'instant' | 'minute' | 'hour',
    minute: number,
    lastAt: number | null,
    statistic?: 'max',
  ) => {
    choice = chooseSeries({ every: MINUTE }, choice, lastAt === null ? null : lastAt * MINUTE, {
      ...{ at: minute * MINUTE, period },
      statistic: statistic ?? (period === 'instant' ? 'value' : 'avg'),
    })
    return choice.period
  }
  expect(take('hour', 0, null, 'max')).toBeNull()
  expect(take('hour', 0, null)).toBe('hour')
  expect(take('instant', 61, 0)).toBe('hour')
  expect(take('instant', 90, 0)).toBe('hour')
  expect(take('instant', 91, 60)).toBe('instant')
  expect(take('hour', 60, 91)).toBe('instant')
  expect(take('minute', 94, 91)).toBe('instant')
  expect(take('minute', 96, 91)).toBe('minute')
})

describe('a fault', () => {
  const life = (more: Partial<SensorLife>): SensorLife => ({
    ...{ watchedSince: 0, heardAt: null, status: null, unusableSince: null },
    ...more,
  })
  const at = (minutes: number) => minutes * MINUTE
  test.each([
    ['silence', { every: MINUTE }, { heardAt: at(1) }, 5, 0, 'silence'],
    ['silence that we could not hear', { every: MINUTE }, { heardAt: at(1) }, 5, 3, null],
    ['no word ever', { every: MINUTE }, {}, 4, 0, 'silence'],
    ['nothing expected', {}, { heardAt: at(1) }, 999, 0, null],
    ['offline', {}, { heardAt: at(1), status: { word: 'offline', at: at(2) } }, 3, 0, 'offline'],
    ['offline a moment ago', {}, { status: { word: 'offline', at: at(2) } }, 2.4, 0, null],
    ['heard since', {}, { heardAt: at(2.2), status: { word: 'offline', at: at(2) } }, 9, 0, null],
    ['unusable', {}, { heardAt: at(9), unusableSince: at(1) }, 12, 0, 'unusable'],
    ['unusable for a while', {}, { heardAt: at(9), unusableSince: at(1) }, 10, 0, null],
    ['unusable, seldom heard', { every: at(10) }, { heardAt: at(9), unusableSince: at(1) }, 30, 0, null],
  ] as const)('%s', (_, sensor, more, now, listening, cause) => {
    expect(faultOf({ every: undefined, ...sensor }, life(more), at(now), at(listening))?.cause ?? null).toBe(
      cause,
    )
  })
})

describe('near', () => {
  // One degree of latitude is 111.195 km on the sphere of mean radius.
  test.each([
    [{ lon: 114, lat: 38 }, { lon: 114, lat: 39 }, 111_195],
    [{ lon: 114, lat: 38 }, { lon: 115, lat: 38 }, 87_621],
    [{ lon: 0, lat: 0 }, { lon: 180, lat: 0 }, 20_015_115],
    [{ lon: 114, lat: 38 }, { lon: 114, lat: 38 }, 0],
  ])('%j to %j', (a, b, metres) => {
    expect(metresBetween(a, b)).toBeCloseTo(metres, -1)
  })

  test('a place without a point is near nothing; named cameras are taken as they are named', () => {
    const cameras = [
      { id: 'a', place: { lon: 114, lat: 38.002 } },
      { id: 'b', place: { lon: 114, lat: 38.001 } },
      { id: 'c', place: { address: 'somewhere' } },
      { id: 'd', place: { lon: 114, lat: 38.003 } },
    ]
    const near = (changes: object) => nearCameras(sensorWith(changes), cameras).map(({ id }) => id)
    expect(near({ place: { lon: 114, lat: 38 } })).toEqual(['b', 'a'])
    expect(near({ place: { lon: 114, lat: 38 }, near: 400 })).toEqual(['b', 'a', 'd'])
    expect(near({})).toEqual([])
    expect(near({ cameras: ['d', 'gone', 'c'] })).toEqual(['d', 'c'])
    expect(near({ cameras: [], place: { lon: 114, lat: 38 } })).toEqual([])
  })
})

test.each([
  ['a34004', 'dust', true],
  ['PM2.5', 'plume', true],
  ['pm10', 'fire', true],
  ['a21026', 'plume', true],
  ['a21026', 'dust', false],
  ['a01010', 'plume', true],
  ['LA', 'plume', false],
  ['w01018', 'waterlogging', false],
  ['a34004', 'crowding', false],
] as const)('%s and a picture of %s agree: %s', (factor, type, agrees) => {
  expect(agreeingTypes(factor).includes(type)).toBe(agrees)
})
