import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { SharpEyesError } from '../../core/errors.ts'
import { fileSource } from './file.ts'
import { folderSource } from './folder.ts'
import { mjpegSource } from './mjpeg.ts'
import { rtspSource } from './rtsp.ts'
import type { Source, SourceCamera, SourceDeps } from './source.ts'

/** Every kind of camera, by the scheme of its URL. A path is a file or a folder played as a camera. */
const LIVE_KINDS: Readonly<Record<string, (deps: SourceDeps) => Source>> = {
  'rtsp:': rtspSource,
  'http:': mjpegSource,
  'https:': mjpegSource,
}

/** The source of a camera. Throws `source_invalid` or `credentials_refused`; a path is looked at when it is opened. */
export function createSource(deps: SourceDeps): Source {
  const { camera } = deps
  const url = parseUrl(camera.url)
  if (!url) return playedSource(deps, camera.url)
  refuseCredentials(camera, url)
  if (url.protocol === 'file:') return playedSource(deps, fileURLToPath(url))
  const kind = LIVE_KINDS[url.protocol]
  if (kind) return kind(deps)
  throw new SharpEyesError(
    'source_invalid',
    `camera ${camera.id}: "${url.protocol}//" is no source that Sharp Eyes reads; use rtsp://, http:// or https:// (MJPEG), or the path of a video file or of a folder of them`,
  )
}

/** File or folder is decided at each opening: what was a missing path may be there later. */
function playedSource(deps: SourceDeps, path: string): Source {
  const file = fileSource(deps, path)
  const folder = folderSource(deps, path)
  return {
    pace: 'played',
    async open(options) {
      const facts = await stat(path).catch((cause: NodeJS.ErrnoException) => {
        const what =
          cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code ?? cause.message})`
        throw new SharpEyesError(
          'source_invalid',
          `camera ${deps.camera.id}: ${path} ${what}; give the path of a video file, of a folder of them, or a URL (rtsp://…)`,
          { cause },
        )
      })
      return facts.isDirectory() ? folder.open(options) : file.open(options)
    },
  }
}

/** A drive letter or a plain path is no URL. */
function parseUrl(text: string): URL | null {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null
}

function refuseCredentials(camera: SourceCamera, url: URL): void {
  if (!url.username && !url.password) return
  throw new SharpEyesError(
    'credentials_refused',
    `camera ${camera.id}: credentials in a URL are refused, they would end in logs and process lists; put "user:password" into a file and name it as credentialsFile`,
  )
}
