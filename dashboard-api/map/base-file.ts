import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { PMTiles, type Source, TileType } from 'pmtiles'
import type { BASE_FAULTS, BaseMap } from '../../core/api/map.ts'
import type { MapConfig } from '../../core/config/map.ts'

type Base = BaseMap['base']
export type BaseFault = (typeof BASE_FAULTS)[number]

const HEADER_BYTES = 127
/** The archive's own words about itself; a planet's are 100 kB. */
const MAX_METADATA = 4 * 1024 * 1024

const FORMATS: Partial<Record<TileType, 'vector' | 'raster'>> = {
  [TileType.Mvt]: 'vector',
  [TileType.Png]: 'raster',
  [TileType.Jpeg]: 'raster',
  [TileType.Webp]: 'raster',
  [TileType.Avif]: 'raster',
}

export interface BaseFile {
  /** Absolute path. */
  readonly path: string
  /** Another one when the file was replaced. */
  readonly etag: string
}

/** Reads what the archive says of itself, again whenever the file has changed. */
export function createBaseFileReader() {
  let kept: { readonly key: string; readonly base: Base } | null = null
  return async (config: MapConfig): Promise<{ base: Base; file: BaseFile | null }> => {
    const failed = (why: BaseFault) => ({
      base: { state: 'failed', why, file: basename(config.file) } as const,
      file: null,
    })
    let handle: FileHandle
    try {
      // A pipe in place of a file would never open.
      handle = await open(config.file, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      return failed((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable')
    }
    try {
      const stat = await handle.stat({ bigint: true })
      if (!stat.isFile()) return failed('unreadable')
      const file = { path: config.file, etag: `${stat.size.toString(36)}-${stat.mtimeNs.toString(36)}` }
      const key = JSON.stringify([config, file.etag])
      if (kept?.key !== key)
        kept = { key, base: await describe(handle, config, { etag: file.etag, size: Number(stat.size) }) }
      return { base: kept.base, file: kept.base.state === 'ready' ? file : null }
    } catch {
      return failed('unreadable')
    } finally {
      await handle.close()
    }
  }
}

async function describe(
  handle: FileHandle,
  config: MapConfig,
  { etag, size }: { readonly etag: string; readonly size: number },
): Promise<Base> {
  const failed = (why: BaseFault): Base => ({ state: 'failed', why, file: basename(config.file) })
  const first = Buffer.alloc(HEADER_BYTES)
  const { bytesRead } = await handle.read(first, 0, HEADER_BYTES, 0)
  if (bytesRead < HEADER_BYTES || first.toString('latin1', 0, 7) !== 'PMTiles' || first[7] !== 3)
    return failed('not_pmtiles')
  try {
    const archive = new PMTiles(sourceOf(handle))
    const header = await archive.getHeader()
    const tiles = FORMATS[header.tileType]
    if (!tiles) return failed('unknown_tiles')
    if (header.jsonMetadataLength > MAX_METADATA) return failed('not_pmtiles')
    // A copy that was broken off would show a map with holes.
    if (header.tileDataOffset + (header.tileDataLength ?? 0) > size) return failed('not_pmtiles')
    const facts = (header.jsonMetadataLength === 0 ? {} : await archive.getMetadata()) as Metadata
    const bounds = boundsOf(header)
    if (!bounds || header.minZoom > header.maxZoom) return failed('not_pmtiles')
    return {
      state: 'ready',
      tiles,
      url: `/api/map/base.pmtiles?v=${etag}`,
      minZoom: header.minZoom,
      maxZoom: header.maxZoom,
      bounds,
      layers: layersOf(facts?.vector_layers),
      attribution: plainText(facts?.attribution),
      approval: config.approval ?? null,
    }
  } catch {
    return failed('not_pmtiles')
  }
}

interface Metadata {
  readonly attribution?: unknown
  readonly vector_layers?: unknown
}

const layersOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.flatMap((layer: { readonly id?: unknown } | null) =>
        typeof layer?.id === 'string' ? [layer.id] : [],
      )
    : []

/** Archives write HTML here; a page shows text. */
function plainText(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&copy;', '©')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return text === '' ? null : text.slice(0, 300)
}

/** Null: no part of the earth. */
function boundsOf(header: {
  readonly minLon: number
  readonly minLat: number
  readonly maxLon: number
  readonly maxLat: number
}): [number, number, number, number] | null {
  const { minLon, minLat, maxLon, maxLat } = header
  const fine = minLon >= -180 && maxLon <= 180 && minLat >= -90 && maxLat <= 90
  return fine && minLon < maxLon && minLat < maxLat ? [minLon, minLat, maxLon, maxLat] : null
}

const sourceOf = (handle: FileHandle): Source => ({
  getKey: () => 'base',
  async getBytes(offset, length) {
    const data = Buffer.alloc(Math.min(length, MAX_METADATA + HEADER_BYTES))
    const { bytesRead } = await handle.read(data, 0, data.length, offset)
    return { data: data.buffer.slice(data.byteOffset, data.byteOffset + bytesRead) as ArrayBuffer }
  },
})
