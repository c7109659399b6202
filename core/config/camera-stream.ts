import { addressKey } from './camera-url.ts'

/** The channel of a device that an address asks for. `told`: it stands in the address, and is not the first for want of one. */
interface Channel {
  readonly channel: string
  readonly told: boolean
}
/** Null: the address is not spelt so. */
type Spelling = (path: string, query: URLSearchParams) => Channel | null

/** `01` is 1; what is no number (`quad`) stays. */
const plain = (channel: string) => (/^\d+$/.test(channel) ? String(Number(channel)) : channel)

const byPath =
  (pattern: RegExp, first = '1'): Spelling =>
  (path) => {
    const match = pattern.exec(path)
    return match && { channel: plain(match[1] ?? first), told: match[1] !== undefined }
  }
/** Of paths that only this maker has: without a channel they mean the first, for sure. */
const byQuery =
  (pattern: RegExp): Spelling =>
  (path, query) =>
    pattern.test(path)
      ? { channel: plain(query.get('channel') || query.get('camera') || '1'), told: true }
      : null

/**
 * How makers spell the channel of a device, some of them in several ways. What else stands in such an address chooses main
 * stream, sub-stream, size or transport: the same view. Paths without capitals or a slash at their end. Those without a
 * channel (`/stream1`, `/media/video1`, `/profile1`) are names that media servers give too.
 */
const SPELLINGS: readonly (readonly [maker: string, spelling: Spelling])[] = [
  // Channel × 100 + stream; one digit, which older ones mean as the channel and others as the stream; older.
  ['hikvision', byPath(/^\/(?:isapi\/)?streaming\/channels\/(\d{1,3})\d\d$/)],
  ['hikvision', byPath(/^\/(?:isapi\/)?streaming\/channels\/\d$/)],
  ['hikvision', byPath(/^\/(?:\w+\/)?ch(\d{1,3})\/\w+\/av_stream$/)],
  // And its like.
  ['dahua', byQuery(/^\/cam\/realmonitor$/)],
  // Recorder and camera.
  ['uniview', byPath(/^\/unicast\/c(\d{1,3})\/s\d\/live$/)],
  ['uniview', byPath(/^\/media\/video\d$/)],
  ['axis', byQuery(/^\/axis-(?:media\/media\.amp|cgi\/mjpg\/video\.cgi)$/)],
  // And TVT: profiles of a channel, the first of which is 0.
  ['hanwha', byPath(/^(?:\/(\d{1,3}))?\/profile\d{1,2}(?:\/media\.smp)?$/, '0')],
  ['tp-link', byPath(/^\/stream\d$/)],
]

interface CameraStream {
  /**
   * The same text for all streams of one camera, as far as their addresses tell: those in a known spelling by device, maker
   * and channel, all others by address. A device under several ports or host names is several.
   */
  readonly key: string
  /** Whether another address with this key is surely the same camera: the channel is told. */
  readonly told: boolean
}

/** Null: it is a path. */
export function cameraStream(text: string): CameraStream | null {
  const address = addressKey(text)
  if (address === null) return null
  const { pathname, search, origin } = parts(address)
  const path = pathname.toLowerCase().replace(/\/$/, '')
  const query = new URLSearchParams(search.toLowerCase())
  for (const [maker, spelling] of SPELLINGS) {
    const found = spelling(path, query)
    if (found) return { key: `${origin} ${maker} ${found.channel}`, told: found.told }
  }
  return { key: address, told: true }
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
