import type { LiveViewer } from '../../core/live.ts'
import { parseInit } from '../../ingest/hub/init-segment.ts'
import { moveDecodeTime, parseFragment } from '../../ingest/hub/movie-fragment.ts'
import { testFilm } from './films.ts'
import { fragmentsOf } from './fragments.ts'

const FPS = 25
const FILM_S = 4

/**
 * Plays a film in real time to everybody in `viewers`, as a hub would: the init segment first, then a fragment a frame,
 * captured now. It begins anew as often as needed, as one stream whose time goes on, until it is disposed.
 */
export async function playLive(
  viewers: ReadonlySet<LiveViewer>,
  { bitrate = '600k' }: { readonly bitrate?: string } = {},
): Promise<Disposable> {
  const film = await testFilm({
    ...{ width: 640, height: 360, fps: FPS, seconds: FILM_S, gop: FPS, bitrate },
  })
  const { init, fragments } = await fragmentsOf(film)
  const mime = `video/mp4; codecs="${init.codec}"`
  const track = parseInit(Buffer.from(init.bytes))
  const begun = new WeakSet<LiveViewer>()
  const started = performance.now()
  let next = 0

  const send = (index: number) => {
    const fragment = fragments[index % fragments.length]
    if (!fragment) throw new Error('the film has no pictures')
    const round = Math.floor(index / fragments.length) * FILM_S
    const bytes = Buffer.from(fragment.bytes)
    const facts = parseFragment(bytes, bytes.readUInt32BE(0), track)
    moveDecodeTime(bytes, facts, facts.decodeTime + round * track.timescale)
    for (const viewer of viewers) {
      if (!begun.has(viewer)) viewer.init(init.bytes, mime)
      begun.add(viewer)
      viewer.fragment(bytes, {
        key: fragment.key,
        capturedAt: Date.now(),
        mediaMs: fragment.mediaMs + round * 1_000,
      })
    }
  }
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1_000) * FPS)
    while (next < due) send(next++)
  }, 1_000 / FPS)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
