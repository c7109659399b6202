import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import { openFilm } from './film.ts'
import type { OpenOptions, Pull, Source, SourceDeps } from './source.ts'

const EXTENSIONS =
  /\.(mp4|m4v|mov|3gp|mkv|webm|avi|ts|mts|m2ts|mpg|mpeg|flv|wmv|asf|ogv|mxf|nut|ivf|dav|h264|264|h265|265|hevc|mjpeg|mjpg)$/i

/**
 * The films of a folder as a camera, in name order (`cam-2` before `cam-10`), over and over. The folder is read anew for
 * each film, so that what is put into it joins. A file that is no video is left out with a warning.
 */
export function folderSource(deps: SourceDeps, path: string): Source {
  const { camera, log } = deps
  let last: string | null = null

  const films = async (): Promise<string[]> => {
    const entries = await readdir(path, { withFileTypes: true })
    const names = entries.filter((e) => !e.isDirectory() && EXTENSIONS.test(e.name)).map((e) => e.name)
    return names.sort(inOrder)
  }

  /** All names once, beginning with the one after the last that was played. */
  const fromNext = (names: readonly string[]): string[] => {
    const played = last
    const next = played === null ? 0 : names.findIndex((name) => inOrder(name, played) > 0)
    return next < 0 ? [...names] : [...names.slice(next), ...names.slice(0, next)]
  }

  const openNext = async (names: readonly string[], options: OpenOptions): Promise<Pull> => {
    const refused: string[] = []
    for (const name of fromNext(names)) {
      last = name
      try {
        return await openFilm(deps, join(path, name), options)
      } catch (thrown) {
        const error = toSharpEyesError(thrown)
        if (error.code !== 'source_invalid') throw thrown
        log.warn(
          { camera: camera.id, film: name, problem: error.message },
          'a film of the folder is left out',
        )
        refused.push(name)
      }
    }
    throw new SharpEyesError(
      'source_invalid',
      `camera ${camera.id}: none of the files of folder ${path} is a video that can be read (${refused.slice(0, 5).join(', ')}); put films such as MP4 into it`,
    )
  }

  return {
    pace: 'played',
    async open(options) {
      const names = await films()
      if (names.length > 0) return openNext(names, options)
      throw new SharpEyesError(
        'source_invalid',
        `camera ${camera.id}: folder ${path} holds no video file; put films such as MP4, MKV, AVI or TS into it`,
      )
    },
  }
}

const collator = new Intl.Collator('en', { numeric: true })
const inOrder = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : Number(a > b))
