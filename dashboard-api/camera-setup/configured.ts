import type { ProbeHiding } from '../../core/camera-setup.ts'
import { cameraStream } from '../../core/config/camera-stream.ts'
import { addressKey } from '../../core/config/camera-url.ts'
import type { CameraConfig } from '../../core/config/city.ts'

/**
 * The configured camera at an address, or of which this is another stream, and what nobody may see of it; null: there is
 * none. Several: the first at this very address, else the first that is sure, else the first, and what any of them hides.
 * Not `sure`: its address may also be the name of another camera of a media server.
 */
export function configuredAt(
  url: string,
  cameras: Iterable<Pick<CameraConfig, 'id' | 'url' | 'masking' | 'privacy'>>,
): { readonly id: string; readonly sure: boolean; readonly hide: ProbeHiding } | null {
  const [address, stream] = [addressKey(url), cameraStream(url)]
  if (!stream) return null
  const there = [...cameras].flatMap((camera) => {
    const its = cameraStream(camera.url)
    return its?.key === stream.key ? [{ ...camera, told: its.told }] : []
  })
  const same = there.find((camera) => addressKey(camera.url) === address)
  const told = stream.told ? there.find((camera) => camera.told) : undefined
  const first = same ?? told ?? there[0]
  if (!first) return null
  return {
    id: first.id,
    sure: first === same || first === told,
    hide: {
      // Of a camera that is shown plain, a trial hides heads all the same.
      masking: there.some(({ masking }) => masking === 'frame') ? 'frame' : 'heads',
      privacy: there.flatMap(({ privacy }) => privacy),
    },
  }
}
