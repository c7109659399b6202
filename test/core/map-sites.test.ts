import { describe, expect, it } from 'vitest'
import type { MapItem } from '../../core/api/map.ts'
import { pointIn, toDatum } from '../../core/datum.ts'
import { boundsOf, MARKS, markOf, sitesOf } from '../../core/map/sites.ts'

const item = (kind: MapItem['kind'], id: string, more: Partial<MapItem> = {}): MapItem => ({
  ...{ kind, id, name: null, type: null, severity: null, state: 'online', bad: false, at: null },
  ...{ address: null, point: [114.48, 38.03] },
  ...more,
})

describe('sites of the map', () => {
  it('puts what stands at one point together, the gravest first', () => {
    const { sites, nowhere } = sitesOf([
      item('camera', 'far', { point: [114.6, 38.1], bad: true, state: 'offline' }),
      item('camera', 'chimney'),
      item('case', '2026-000001', { severity: 2, bad: true, at: '2026-11-26T01:00:00.000Z' }),
      item('alert', 'a', { severity: 2, bad: true, at: '2026-11-26T02:00:00.000Z' }),
      item('alert', 'b', { severity: 1, bad: true, point: [114.480001, 38.029999] }),
      item('sensor', 'lost', { point: null }),
    ])
    expect(sites.map(({ key }) => key)).toEqual(['alert:b', 'camera:far'])
    expect(sites[0]?.items.map(({ id }) => id)).toEqual(['b', 'a', '2026-000001', 'chimney'])
    expect(nowhere.map(({ id }) => id)).toEqual(['lost'])
  })

  it('keeps sites apart that are two metres from each other', () => {
    expect(
      sitesOf([item('camera', 'a'), item('camera', 'b', { point: [114.48002, 38.03] })]).sites,
    ).toHaveLength(2)
  })

  it('puts a camera that does not work before one that does, and after every matter', () => {
    const order = [
      'alert1',
      'case1',
      'alert4',
      'case4',
      'badCamera',
      'badSensor',
      'camera',
      'sensor',
    ] as const
    const ranks = order.map((mark) => MARKS.indexOf(mark))
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
    expect(markOf(item('camera', 'a', { bad: true }))).toBe('badCamera')
    expect(markOf(item('case', 'a', { severity: 3, bad: true }))).toBe('case3')
  })

  it('shows the longest open of the equally grave first', () => {
    const alerts = ['03', '01', '02'].map((hour) =>
      item('alert', hour, { severity: 3, bad: true, at: `2026-11-26T${hour}:00:00.000Z` }),
    )
    expect(sitesOf(alerts).sites[0]?.items.map(({ id }) => id)).toEqual(['01', '02', '03'])
  })

  it('frames all points', () => {
    expect(boundsOf([])).toBeNull()
    expect(boundsOf([{ point: [1, 2] }, { point: [-3, 7] }, { point: [0, -1] }])).toEqual([-3, -1, 1, 7])
  })
})

describe('datums', () => {
  // Tian'anmen as published for both: some 500 m apart.
  const wgs = { lon: 116.391, lat: 39.9072 }
  const gcj = { lon: 116.39724, lat: 39.9086 }
  it('moves a point between WGS-84 and GCJ-02, and back to where it was', () => {
    const there = toDatum(wgs, 'WGS-84', 'GCJ-02')
    expect(there.lon).toBeCloseTo(gcj.lon, 4)
    expect(there.lat).toBeCloseTo(gcj.lat, 4)
    const back = toDatum(there, 'GCJ-02', 'WGS-84')
    expect(back.lon).toBeCloseTo(wgs.lon, 5)
    expect(back.lat).toBeCloseTo(wgs.lat, 5)
  })
  it('moves nothing outside China and nothing to its own datum', () => {
    expect(toDatum({ lon: 8.54, lat: 47.37 }, 'WGS-84', 'GCJ-02')).toEqual({ lon: 8.54, lat: 47.37 })
    expect(toDatum(wgs, 'GCJ-02', 'GCJ-02')).toEqual(wgs)
  })
  it('knows no point of half a coordinate', () => {
    expect(pointIn({ lon: 116, datum: 'WGS-84' }, 'WGS-84')).toBeNull()
    expect(pointIn({ ...wgs, datum: 'WGS-84' }, 'WGS-84')).toEqual(wgs)
  })
})
