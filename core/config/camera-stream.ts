import { addressKey } from './camera-url.ts'

/** The channel that an address asks for, in the spelling of one maker; null: it is not spelt so. */
type Spelling = (path: string, query: URLSearchParams) => string | null

const byPath =
  (pattern: RegExp, first = 1): Spelling =>
  (path) => {
    const match = pattern.exec(path)
    return match && String(Number(match[1] ?? first))
  }
const byQuery =
  (pattern: RegExp): Spelling =>
  (path, query) =>
    pattern.test(path) ? (query.get('channel') ?? query.get('camera') ?? '1') : null

/**
 * How makers spell the channel of a device. What else stands in such an address chooses main stream, sub-stream, size or
 * transport: the same view. Paths without capitals or a slash at their end.
 */
const SPELLINGS: readonly Spelling[] = [
  // Hikvision: channel × 100 + stream.
  byPath(/^\/(?:isapi\/)?streaming\/channels\/(\d{1,3})\d\d$/),
  // Hikvision, older.
  byPath(/^\/(?:\w+\/)?ch(\d{1,3})\/\w+\/av_stream$/),
  // Dahua and its like.
  byQuery(/^\/cam\/realmonitor$/),
  // Uniview, recorder and camera.
  byPath(/^\/unicast\/c(\d{1,3})\/s\d\/live$/),
  byPath(/^\/media\/video\d$/),
  // Axis.
  byQuery(/^\/axis-(?:media\/media\.amp|cgi\/mjpg\/video\.cgi)$/),
  // Hanwha, TVT: profiles of a channel, the first of which is 0.
  byPath(/^(?:\/(\d{1,3}))?\/profile\d{1,2}(?:\/media\.smp)?$/, 0),
  // TP-Link.
  byPath(/^\/stream\d$/),
]

/**
 * The same text for all streams of one camera, as far as their addresses tell: those in a known spelling by device and
 * channel, all others by address. Null: it is a path. A device under several ports or host names is several.
 */
export function cameraKey(text: string): string | null {
  const address = addressKey(text)
  if (address === null) return null
  const { pathname, search, origin } = parts(address)
  const path = pathname.toLowerCase().replace(/\/$/, '')
  const query = new URLSearchParams(search.toLowerCase())
  for (const [n, spelling] of SPELLINGS.entries()) {
    const channel = spelling(path, query)
    if (channel !== null) return `${origin} ${n} ${channel}`
  }
  return address
}

/** Of an address key; `origin` with the port, for rtsp too. */
function parts(address: string): {
  readonly origin: string
  readonly pathname: string
  readonly search: string
} {
  const { protocol, host, pathname, search } = new URL(address)
  return { origin: `${protocol}//${host}`, pathname, search }
}
