import { zxyToTileId } from 'pmtiles'

interface Tile {
  readonly z: number
  readonly x: number
  readonly y: number
  readonly bytes: Uint8Array
}

/** PMTiles, version 3 of the specification: header, root directory, metadata, tiles; nothing compressed. */
export function pmtilesArchive(options: {
  readonly tiles: readonly Tile[]
  /** 1 vector tiles, 2 PNG, 3 JPEG. */
  readonly type: number
  /** West, south, east, north. */
  readonly bounds: readonly [number, number, number, number]
  readonly metadata?: object
}): Buffer {
  const tiles = options.tiles
    .map((tile) => ({ ...tile, id: zxyToTileId(tile.z, tile.x, tile.y) }))
    .toSorted((a, b) => a.id - b.id)
  const directory = directoryOf(tiles)
  const metadata = Buffer.from(JSON.stringify(options.metadata ?? {}))
  const data = Buffer.concat(tiles.map(({ bytes }) => bytes))
  const header = Buffer.alloc(127)
  header.write('PMTiles', 'latin1')
  header[7] = 3
  const long = (value: number, at: number) => header.writeBigUInt64LE(BigInt(value), at)
  const afterDirectory = 127 + directory.length
  const afterMetadata = afterDirectory + metadata.length
  for (const [index, value] of [127, directory.length, afterDirectory, metadata.length].entries())
    long(value, 8 + index * 8)
  long(afterMetadata, 40) // leaf directories: none
  long(afterMetadata, 56)
  long(data.length, 64)
  for (const at of [72, 80, 88]) long(tiles.length, at)
  header[96] = 1 // clustered
  header[97] = 1 // directories not compressed
  header[98] = 1 // tiles not compressed
  header[99] = options.type
  const zooms = tiles.map(({ z }) => z)
  header[100] = Math.min(...zooms)
  header[101] = Math.max(...zooms)
  const e7 = (degrees: number) => Math.round(degrees * 1e7)
  const [west, south, east, north] = options.bounds
  for (const [index, degrees] of [west, south, east, north].entries())
    header.writeInt32LE(e7(degrees), 102 + index * 4)
  header[118] = Math.min(...zooms)
  header.writeInt32LE(e7((west + east) / 2), 119)
  header.writeInt32LE(e7((south + north) / 2), 123)
  return Buffer.concat([header, directory, metadata, data])
}

/** Number of entries, differences of the ids, run lengths, lengths, offsets + 1; all as varints. */
function directoryOf(tiles: readonly { readonly id: number; readonly bytes: Uint8Array }[]): Buffer {
  let offset = 0
  let before = 0
  const ids: number[] = []
  const offsets: number[] = []
  for (const { id, bytes } of tiles) {
    ids.push(id - before)
    before = id
    offsets.push(offset + 1)
    offset += bytes.length
  }
  const values = [
    tiles.length,
    ...ids,
    ...tiles.map(() => 1),
    ...tiles.map(({ bytes }) => bytes.length),
    ...offsets,
  ]
  return Buffer.from(values.flatMap(varint))
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}
