/** When and where a picture was taken, as its camera wrote it. */
export interface PhotoOrigin {
  /** ISO 8601, UTC; null: not said. */
  readonly takenAt: string | null
  /** Degrees WGS-84; null: not said. */
  readonly place: { readonly lon: number; readonly lat: number } | null
}

const NOTHING: PhotoOrigin = { takenAt: null, place: null }
const TAKEN = 0x9003
const OFFSET_OF_TAKEN = 0x9011
const EXIF_FOLDER = 0x8769
const GPS_FOLDER = 0x8825
const TYPE_SIZES = [0, 1, 1, 2, 4, 8]

/** Reads the EXIF block of a JPEG's first bytes. Total: what is broken or absent says nothing. */
export function readOrigin(bytes: ArrayBuffer): PhotoOrigin {
  try {
    const tiff = findTiff(new DataView(bytes))
    return tiff ? originOf(tiff) : NOTHING
  } catch (broken) {
    if (broken instanceof RangeError) return NOTHING // an offset beyond the block
    throw broken
  }
}

function findTiff(view: DataView): DataView | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null
  for (let at = 2; at + 10 < view.byteLength; ) {
    const marker = view.getUint16(at)
    const length = view.getUint16(at + 2)
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return null
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) {
      return new DataView(view.buffer, view.byteOffset + at + 10)
    }
    at += 2 + length
  }
  return null
}

type Entries = ReadonlyMap<number, { readonly type: number; readonly count: number; readonly at: number }>

function originOf(tiff: DataView): PhotoOrigin {
  const little = tiff.getUint16(0) === 0x4949
  const entriesAt = (start: number): Entries => {
    const count = Math.min(tiff.getUint16(start, little), 200)
    return new Map(
      Array.from({ length: count }, (_, index) => {
        const entry = start + 2 + index * 12
        const type = tiff.getUint16(entry + 2, little)
        const n = tiff.getUint32(entry + 4, little)
        const inside = (TYPE_SIZES[type] ?? 1) * n <= 4
        return [
          tiff.getUint16(entry, little),
          { type, count: n, at: inside ? entry + 8 : tiff.getUint32(entry + 8, little) },
        ] as const
      }),
    )
  }
  const text = (entries: Entries, tag: number): string | null => {
    const entry = entries.get(tag)
    if (entry?.type !== 2) return null
    const letters = Array.from({ length: Math.min(entry.count, 64) }, (_, i) => tiff.getUint8(entry.at + i))
    return String.fromCharCode(...letters).split('\0')[0] ?? null
  }
  const folder = (entries: Entries, tag: number): Entries => {
    const entry = entries.get(tag)
    return entry ? entriesAt(tiff.getUint32(entry.at, little)) : new Map()
  }
  const degrees = (entries: Entries, tag: number, negative: string): number | null => {
    const entry = entries.get(tag + 1)
    const side = text(entries, tag)
    if (entry?.type !== 5 || entry.count !== 3 || !side) return null
    const part = (i: number) =>
      tiff.getUint32(entry.at + i * 8, little) / tiff.getUint32(entry.at + i * 8 + 4, little)
    const value = part(0) + part(1) / 60 + part(2) / 3_600
    return side === negative ? -value : value
  }
  const first = entriesAt(tiff.getUint32(4, little))
  const exif = folder(first, EXIF_FOLDER)
  const gps = folder(first, GPS_FOLDER)
  const lat = degrees(gps, 1, 'S')
  const lon = degrees(gps, 3, 'W')
  const isPlace =
    lat !== null && lon !== null && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0)
  return {
    takenAt: timeOf(text(exif, TAKEN), text(exif, OFFSET_OF_TAKEN)),
    place: isPlace ? { lon, lat } : null,
  }
}

/** `2026:11:26 10:41:07` in the offset it says, else as this phone's clock has it. */
function timeOf(taken: string | null, offset: string | null): string | null {
  const match = /^(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})$/.exec(taken ?? '')
  if (!match) return null
  const [, year, month, day, hour, minute, second] = match
  const zone = /^[+-]\d{2}:\d{2}$/.test(offset ?? '') ? offset : ''
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}
