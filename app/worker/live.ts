import type { LiveSeat, LiveSource, LiveViewer } from '../../core/live.ts'
import type { HeldCamera } from '../../core/ports/control.ts'
import type { CameraRun } from './camera-run.ts'
import type { SlowLive } from './slow-live.ts'

type MaskedStill = (
  camera: HeldCamera['camera'],
  at: number,
) => Promise<{ jpeg: Uint8Array; capturedAt: number } | null>

/** The hubs of the cameras held here, for live view. */
export function createLiveSource(
  runs: ReadonlyMap<string, Pick<CameraRun, 'held' | 'pull' | 'boxes'>>,
  deps: { readonly masked: MaskedStill; readonly slow: SlowLive },
): LiveSource {
  return {
    async open(camera, viewer, format = 'source') {
      const run = runs.get(camera)
      if (!run) return null
      if (format === 'mpeg1') {
        // The encoder shifts and drops pictures: no time in its stream is that of an analysed one.
        const seat = deps.slow.join(run.pull.hub, viewer)
        return { wantBoxes: () => undefined, [Symbol.dispose]: () => seat[Symbol.dispose]() }
      }
      const seat = run.pull.hub.subscribe({
        init: ({ bytes, codec }) => viewer.init(bytes, `video/mp4; codecs="${codec}"`),
        fragment: ({ bytes, key, capturedAt, mediaMs }) =>
          viewer.fragment(bytes, { key, capturedAt, mediaMs }),
        ended: (reason) => viewer.ended(reason),
      })
      return withBoxes(seat, run.boxes, viewer)
    },
    async still(camera) {
      const run = runs.get(camera)
      const at = run?.pull.picture.lastFrameAt
      if (!run || !at) return null
      return deps.masked(run.held.camera, at)
    },
  }
}

function withBoxes(seat: Disposable, feed: CameraRun['boxes'], viewer: LiveViewer): LiveSeat {
  let listening: Disposable | null = null
  const stop = () => {
    listening?.[Symbol.dispose]()
    listening = null
  }
  return {
    wantBoxes(wanted) {
      stop()
      if (!wanted) return
      if (feed) listening = feed.listen((found) => viewer.boxes?.(found))
      else viewer.boxes?.(null)
    },
    [Symbol.dispose]() {
      stop()
      seat[Symbol.dispose]()
    },
  }
}
