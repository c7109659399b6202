import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import type { CityConfig } from '../../core/config/city.ts'
import { pmtilesArchive } from '../support/pmtiles.ts'
import { CITY, type TestDashboard } from './dashboard.ts'

/** Part of Shijiazhuang, where the cameras of the test stand. */
export const BOUNDS = [114.3, 37.9, 114.7, 38.2] as const

/** Tiles of zoom 0 to `maxZoom` over the bounds, each of one colour, as a raster archive. */
export async function rasterArchive(maxZoom: number, metadata: object): Promise<Buffer> {
  const bytes = await sharp({ create: { width: 256, height: 256, channels: 3, background: '#9ec79b' } })
    .png()
    .toBuffer()
  const tiles = Array.from({ length: maxZoom + 1 }, (_, z) => {
    const [west, north] = tileOf(BOUNDS[0], BOUNDS[3], z)
    const [east, south] = tileOf(BOUNDS[2], BOUNDS[1], z)
    const xs = Array.from({ length: east - west + 1 }, (_each, i) => west + i)
    const ys = Array.from({ length: south - north + 1 }, (_each, i) => north + i)
    return xs.flatMap((x) => ys.map((y) => ({ z, x, y, bytes })))
  }).flat()
  return pmtilesArchive({ tiles, type: 2, bounds: BOUNDS, metadata })
}

/** Tile of a point in Web Mercator. */
function tileOf(lon: number, lat: number, z: number): [number, number] {
  const n = 2 ** z
  const y = (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2
  return [Math.floor(((lon + 180) / 360) * n), Math.floor(y * n)]
}

/** The test city with points, and with `map` as its city file would have it. */
export async function placeCity(
  { database }: TestDashboard,
  map?: CityConfig['city']['map'],
  places: Readonly<Record<string, { lon: number; lat: number }>> = {
    'works-chimney': { lon: 114.48, lat: 38.03 },
    kitchen: { lon: 114.51, lat: 38.05 },
  },
): Promise<void> {
  const city: CityConfig = {
    ...CITY,
    city: { ...CITY.city, ...(map ? { map } : {}) },
    cameras: CITY.cameras.map((camera) => ({ ...camera, place: { ...camera.place, ...places[camera.id] } })),
  }
  await applyConfig(database, configObjects(city), { actor: 'test', reason: 'test', write: true })
}

/** A folder with these bytes as `city.pmtiles`. */
export async function archiveFile(bytes: Uint8Array): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'map-'))
  const path = join(folder, 'city.pmtiles')
  await writeFile(path, bytes)
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
