import { describe, expect, it } from 'vitest'
import type { BaseMap, MapItem } from '../../../core/api/map.ts'
import { sitesOf } from '../../../core/map/sites.ts'
import { baseStyle } from '../../../dashboard-api/web/src/map/base-style.ts'
import {
  readChoice,
  shownItems,
  siteOf,
  within,
  writeChoice,
} from '../../../dashboard-api/web/src/map/choice.ts'

const item = (kind: MapItem['kind'], id: string, bad: boolean): MapItem => ({
  ...{ kind, id, bad, name: null, type: null, severity: kind === 'alert' ? 2 : null, state: '' },
  ...{ at: null, address: null, point: [114.48, 38.03] },
})

describe('what the map shows', () => {
  const items = [item('camera', 'a', false), item('camera', 'b', true), item('alert', 'x', true)]

  it('lives in the address, and words that nobody wrote there change nothing', () => {
    const choice = { hidden: ['case', 'sensor'], onlyBad: true, show: 'alert:x' } as const
    expect(readChoice(new URLSearchParams(writeChoice(choice)))).toEqual(choice)
    expect(writeChoice({ hidden: [], onlyBad: false, show: null })).toBe('')
    expect(readChoice(new URLSearchParams('hide=people,camera&bad=yes'))).toEqual({
      ...{ hidden: ['camera'], onlyBad: false, show: null },
    })
  })

  it('is narrowed by kind and to what needs attention', () => {
    const ids = (query: string) =>
      shownItems(items, readChoice(new URLSearchParams(query))).map(({ id }) => id)
    expect(ids('')).toEqual(['a', 'b', 'x'])
    expect(ids('bad=1')).toEqual(['b', 'x'])
    expect(ids('hide=camera')).toEqual(['x'])
  })

  it('finds a site by anything that stands there', () => {
    const { sites } = sitesOf(items)
    expect(siteOf(sites, 'camera:a')?.key).toBe('alert:x')
    expect(siteOf(sites, 'camera:gone')).toBeNull()
    expect(sites.map((site) => within(site, [114, 38, 115, 39]))).toEqual([true])
    expect(sites.map((site) => within(site, [114, 38.1, 115, 39]))).toEqual([false])
  })
})

describe('the look of a base map', () => {
  const look = { dark: false, english: false, origin: 'https://eyes.example' }
  const ready = (more: Partial<Extract<BaseMap['base'], { state: 'ready' }>>): BaseMap => ({
    datum: 'WGS-84',
    base: {
      ...{ state: 'ready', tiles: 'vector', url: '/api/map/base.pmtiles?v=1', minZoom: 0, maxZoom: 9 },
      ...{ bounds: [0, 0, 1, 1], layers: [], attribution: null, approval: null },
      ...more,
    },
  })

  it('takes the archive from this origin, names from local fonts, and layers that the archive has', () => {
    const style = baseStyle(ready({ layers: ['water', 'places'] }), look)
    expect(style.sources).toEqual({
      base: { type: 'vector', url: 'pmtiles://https://eyes.example/api/map/base.pmtiles?v=1' },
    })
    expect(style.glyphs).toBeUndefined()
    expect(style.sprite).toBeUndefined()
    expect(style.layers.map(({ id }) => id)).toEqual(['ground', 'water', 'rivers', 'places'])
    expect(baseStyle(ready({}), look).layers.length).toBeGreaterThan(8)
  })

  it('is a ground without an archive, and pictures of a raster one', () => {
    expect(baseStyle({ datum: 'GCJ-02', base: { state: 'none' } }, look).layers).toHaveLength(1)
    const raster = baseStyle(ready({ tiles: 'raster' }), { ...look, dark: true })
    expect(raster.layers.map(({ type }) => type)).toEqual(['background', 'raster'])
    expect(raster.layers[1]?.paint).toMatchObject({ 'raster-brightness-max': expect.any(Number) })
  })
})
