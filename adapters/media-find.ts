import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { SharpEyesError } from '../core/errors.ts'

export type MediaTool = 'ffmpeg' | 'ffprobe'

const ENVIRONMENT = { ffmpeg: 'FFMPEG_PATH', ffprobe: 'FFPROBE_PATH' } as const

/**
 * Path of a tool: `FFMPEG_PATH` or `FFPROBE_PATH`, beside `FFMPEG_PATH`, else on PATH.
 * Throws `dependency_missing` with the line that installs it.
 */
export function findMediaTool(tool: MediaTool, env: NodeJS.ProcessEnv): string {
  const named = env[ENVIRONMENT[tool]]
  if (named) {
    if (isProgram(named)) return named
    throw new SharpEyesError(
      'dependency_missing',
      `${ENVIRONMENT[tool]}=${named} is not a program; correct it, or unset it to use ${tool} from PATH`,
    )
  }
  const beside = env.FFMPEG_PATH ? [dirname(env.FFMPEG_PATH)] : []
  const folders = [...beside, ...(env.PATH ?? '').split(delimiter)].filter((folder) => folder !== '')
  const found = folders.map((folder) => join(folder, tool)).find(isProgram)
  if (found) return found
  throw new SharpEyesError(
    'dependency_missing',
    `${tool} is not on PATH; install it: apt-get install -y --no-install-recommends ffmpeg (or set ${ENVIRONMENT[tool]})`,
  )
}

function isProgram(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
