import { resolve } from 'node:path'
import { type CityConfig, cameraSchema } from '../core/config/city.ts'
import { SharpEyesError } from '../core/errors.ts'

/** `start --camera URL`: the departments and routes of the sample city, and these cameras with rules that need no drawing. */
export function cityOfCameras(
  sample: CityConfig,
  urls: readonly string[],
  credentialsFile: string | undefined,
): CityConfig {
  const cameras = urls.map((url, index) => {
    const number = index + 1
    const parsed = cameraSchema.safeParse({
      id: `camera-${number}`,
      name: { zh: `摄像机 ${number}`, en: `Camera ${number}` },
      purpose: 'public_safety',
      url: /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : resolve(url),
      ...(credentialsFile === undefined ? {} : { credentialsFile: resolve(credentialsFile) }),
      rules: [
        { id: 'fire', type: 'fire' },
        { id: 'smoke', type: 'smoke' },
        { id: 'object-left', type: 'object_left' },
        { id: 'lane-blocked', type: 'lane_blocked' },
        { id: 'covered', type: 'camera_covered' },
        { id: 'frozen', type: 'camera_frozen' },
      ],
    })
    if (!parsed.success) {
      // The URL itself is not repeated: it may hold a password.
      throw new SharpEyesError(
        'credentials_refused',
        `--camera (number ${number}): ${parsed.error.issues
          .map((i) => i.message)
          .join('; ')
          .replace('credentialsFile', '--credentials-file')}`,
      )
    }
    return parsed.data
  })
  return { ...sample, city: { ...sample.city, name: '单机试用' }, cameras }
}
