import { openFilm } from './film.ts'
import type { Source, SourceDeps } from './source.ts'

/** One film as a camera: played at its own pace, over and over, by one run of ffmpeg a pass (see `Stream.input`). */
export function fileSource(deps: SourceDeps, path: string): Source {
  return {
    pace: 'played',
    open: (options) => openFilm(deps, path, options),
  }
}
