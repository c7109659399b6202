import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { BaseMap } from '../../../../core/api/map.ts'
import { DARK, LIGHT } from '../theme/palette.ts'

type Vector = 'earth' | 'landuse' | 'water' | 'buildings' | 'roads' | 'boundaries' | 'places'

/** Quiet grounds: colour is for what is not normal. */
const COLOURS = {
  light: {
    ...{ earth: '#f4f5f6', green: '#e2ebdd', water: '#c9dbe8', building: '#e3e6e9', road: '#ffffff' },
    ...{ casing: '#c9d0d7', boundary: '#98a3af', name: LIGHT.secondary, halo: '#ffffff' },
  },
  dark: {
    ...{ earth: '#1d252e', green: '#1f2d29', water: '#132536', building: '#27313b', road: '#3d4a57' },
    ...{ casing: '#141a21', boundary: '#6a7886', name: DARK.secondary, halo: '#141a21' },
  },
} as const

/** The look of a base map in the page's own colours. `origin` makes the archive's address whole, which workers need. */
export function baseStyle(
  { base }: BaseMap,
  { dark, english, origin }: { readonly dark: boolean; readonly english: boolean; readonly origin: string },
): StyleSpecification {
  const palette = dark ? DARK : LIGHT
  const ground: LayerSpecification = {
    ...{ id: 'ground', type: 'background' },
    paint: { 'background-color': palette.ground },
  }
  if (base.state !== 'ready') return { version: 8, sources: {}, layers: [ground] }
  const url = `pmtiles://${origin}${base.url}`
  if (base.tiles === 'raster') {
    const picture: LayerSpecification = {
      ...{ id: 'base', type: 'raster', source: 'base' },
      // Marks stay the brightest thing of a dark room.
      paint: {
        'raster-fade-duration': 0,
        ...(dark && { 'raster-brightness-max': 0.65, 'raster-saturation': -0.3 }),
      },
    }
    return {
      version: 8,
      sources: { base: { type: 'raster', url, tileSize: 256 } },
      layers: [ground, picture],
    }
  }
  const has = (layer: Vector) => base.layers.length === 0 || base.layers.includes(layer)
  return {
    version: 8,
    sources: { base: { type: 'vector', url } },
    layers: [ground, ...vectorLayers(dark, english).filter((layer) => has(layer['source-layer'] as Vector))],
  }
}

type VectorLayer = Extract<LayerSpecification, { 'source-layer'?: string }>

function vectorLayers(dark: boolean, english: boolean): readonly VectorLayer[] {
  const c = COLOURS[dark ? 'dark' : 'light']
  const of = (id: string, layer: Vector) => ({ id, source: 'base', 'source-layer': layer })
  // Version 4 of the layers writes `kind`, version 3 wrote `pmap:kind`.
  const kind = ['coalesce', ['get', 'kind'], ['get', 'pmap:kind'], '']
  const oneOf = (...kinds: readonly string[]) => ['in', kind, ['literal', kinds]] as never
  const area = ['==', ['geometry-type'], 'Polygon'] as never
  const name = (english ? ['coalesce', ['get', 'name:en'], ['get', 'name']] : ['get', 'name']) as never
  const roadWidth = (most: number) =>
    ['interpolate', ['exponential', 1.6], ['zoom'], 8, 0.4, 13, most / 4, 18, most * 3] as never
  return [
    { ...of('earth', 'earth'), type: 'fill', paint: { 'fill-color': c.earth } },
    {
      ...of('green', 'landuse'),
      type: 'fill',
      filter: oneOf(
        'park',
        'forest',
        'wood',
        'grass',
        'meadow',
        'nature_reserve',
        'farmland',
        'golf_course',
        'cemetery',
      ),
      paint: { 'fill-color': c.green },
    },
    { ...of('water', 'water'), type: 'fill', filter: area, paint: { 'fill-color': c.water } },
    {
      ...of('rivers', 'water'),
      type: 'line',
      filter: ['!', area] as never,
      paint: { 'line-color': c.water, 'line-width': roadWidth(2) },
    },
    { ...of('buildings', 'buildings'), type: 'fill', minzoom: 13, paint: { 'fill-color': c.building } },
    {
      ...of('casings', 'roads'),
      type: 'line',
      minzoom: 11,
      filter: oneOf('highway', 'major_road', 'medium_road', 'minor_road'),
      paint: { 'line-color': c.casing, 'line-width': roadWidth(6.5) },
    },
    {
      ...of('minor', 'roads'),
      type: 'line',
      minzoom: 12,
      filter: oneOf('minor_road', 'medium_road', 'other', 'path'),
      paint: { 'line-color': c.road, 'line-width': roadWidth(3) },
    },
    {
      ...of('major', 'roads'),
      type: 'line',
      filter: oneOf('highway', 'major_road'),
      paint: { 'line-color': c.road, 'line-width': roadWidth(5) },
    },
    {
      ...of('rails', 'roads'),
      type: 'line',
      minzoom: 11,
      filter: oneOf('rail'),
      paint: { 'line-color': c.boundary, 'line-width': 1, 'line-dasharray': [4, 2] },
    },
    {
      ...of('boundaries', 'boundaries'),
      type: 'line',
      paint: { 'line-color': c.boundary, 'line-width': 1, 'line-dasharray': [3, 2] },
    },
    {
      ...of('streets', 'roads'),
      type: 'symbol',
      minzoom: 14,
      filter: oneOf('highway', 'major_road', 'medium_road', 'minor_road'),
      layout: {
        'text-field': name,
        'text-size': 12,
        'symbol-placement': 'line',
        'text-font': ['sans-serif'],
      },
      paint: { 'text-color': c.name, 'text-halo-color': c.halo, 'text-halo-width': 1.5 },
    },
    {
      ...of('places', 'places'),
      type: 'symbol',
      layout: { 'text-field': name, 'text-size': 13, 'text-max-width': 8, 'text-font': ['sans-serif'] },
      paint: { 'text-color': c.name, 'text-halo-color': c.halo, 'text-halo-width': 1.5 },
    },
  ]
}
