import type { ProbeHiding } from '../../core/camera-setup.ts'
import { cameraKey } from '../../core/config/camera-stream.ts'
import { addressKey } from '../../core/config/camera-url.ts'
import type { CameraConfig } from '../../core/config/city.ts'

/**
 * The configured camera at an address, or of which this is another stream, and what nobody may see of it; null: there is
 * none. Several: the first at this very address, else the first, and what any of them hides.
 */
export function configuredAt(
  url: string,
  cameras: Iterable<Pick<CameraConfig, 'id' | 'url' | 'masking' | 'privacy'>>,
): { readonly id: string; readonly hide: ProbeHiding } | null {
  const [address, key] = [addressKey(url), cameraKey(url)]
  const there = [...cameras].filter((camera) => cameraKey(camera.url) === key)
  const first = there.find((camera) => addressKey(camera.url) === address) ?? there[0]
  if (!first) return null
  return {
    id: first.id,
    hide: {
      // Of a camera that is shown plain, a trial hides heads all the same.
      masking: there.some(({ masking }) => masking === 'frame') ? 'frame' : 'heads',
      privacy: there.flatMap(({ privacy }) => privacy),
    },
  }
}
