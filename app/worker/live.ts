import type { HeldCamera, LiveSource } from '../../core/ports.ts'
import type { CameraRun } from './camera-run.ts'
import type { SlowLive } from './slow-live.ts'

type MaskedStill = (
  camera: HeldCamera['camera'],
  at: number,
) => Promise<{ jpeg: Uint8Array; capturedAt: number } | null>

/** The hubs of the cameras held here, for live view. */
export function createLiveSource(
  runs: ReadonlyMap<string, Pick<CameraRun, 'held' | 'pull'>>,
  deps: { readonly masked: MaskedStill; readonly slow: SlowLive },
): LiveSource {
  return {
    async open(camera, viewer, format = 'source') {
      const run = runs.get(camera)
      if (!run) return null
      if (format === 'mpeg1') return deps.slow.join(run.pull.hub, viewer)
      return run.pull.hub.subscribe({
        init: ({ bytes, codec }) => viewer.init(bytes, `video/mp4; codecs="${codec}"`),
        fragment: ({ bytes, key, capturedAt, mediaMs }) =>
          viewer.fragment(bytes, { key, capturedAt, mediaMs }),
        ended: (reason) => viewer.ended(reason),
      })
    },
    async still(camera) {
      const run = runs.get(camera)
      const at = run?.pull.picture.lastFrameAt
      if (!run || !at) return null
      return deps.masked(run.held.camera, at)
    },
  }
}
