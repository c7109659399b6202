import type { LiveViewer } from '../../core/live.ts'
import { testFilm } from './films.ts'
import { fragmentsOf } from './fragments.ts'

const FPS = 25

/**
 * Plays a film in real time to everybody in `viewers`, as a hub would: the init segment first, then a fragment a frame,
 * captured now. It ends by itself after `seconds`.
 */
export async function playLive(
  viewers: ReadonlySet<LiveViewer>,
  { seconds = 240, bitrate = '600k' }: { readonly seconds?: number; readonly bitrate?: string } = {},
): Promise<Disposable> {
  const film = await testFilm({
    width: 640,
    height: 360,
    fps: FPS,
    seconds: 4,
    gop: FPS,
    times: seconds / 4,
    bitrate,
  })
  const { init, fragments } = await fragmentsOf(film)
  const mime = `video/mp4; codecs="${init.codec}"`
  const begun = new WeakSet<LiveViewer>()
  const started = performance.now()
  let next = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1_000) * FPS)
    for (; next < Math.min(due, fragments.length); next++) {
      const fragment = fragments[next]
      if (!fragment) return
      for (const viewer of viewers) {
        if (!begun.has(viewer)) viewer.init(init.bytes, mime)
        begun.add(viewer)
        viewer.fragment(fragment.bytes, {
          key: fragment.key,
          capturedAt: Date.now(),
          mediaMs: fragment.mediaMs,
        })
      }
    }
  }, 1_000 / FPS)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
