import { readFile } from 'node:fs/promises'
import type { CameraLogin } from '../../core/camera-setup.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { SourceCamera } from './source.ts'

type Credentials = CameraLogin

/**
 * `user:password` of the camera's credentials file, its last newline cut; null when it has none. Read anew for every
 * connection, so that a corrected file needs no restart. Throws `config_invalid`, without the content.
 */
export async function readCredentials(camera: SourceCamera): Promise<Credentials | null> {
  if (camera.login) return camera.login
  const file = camera.credentialsFile
  if (file === undefined) return null
  const wrong = (what: string, cause?: unknown) =>
    new SharpEyesError(
      'config_invalid',
      `camera ${camera.id}: credentialsFile ${file} ${what}; it must hold one line "user:password"`,
      cause === undefined ? {} : { cause },
    )
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw wrong(`cannot be read (${cause.code ?? 'unknown error'})`, cause)
  })
  const line = text.replace(/\r?\n$/, '')
  const colon = line.indexOf(':')
  if (colon < 1 || /[\r\n\0]/.test(line)) throw wrong('does not hold credentials')
  return { user: line.slice(0, colon), password: line.slice(colon + 1) }
}

/** Everything but RFC 3986 "unreserved" as %XX; ffmpeg decodes it before it makes the Basic or Digest header. */
const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** `user:password` as a URL carries it. */
export const userinfo = ({ user, password }: Credentials): string =>
  `${percentEncode(user)}:${percentEncode(password)}`
