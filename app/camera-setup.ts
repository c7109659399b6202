import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CameraSetup } from '../core/camera-setup.ts'
import { SharpEyesError } from '../core/errors.ts'
import type { Masker } from '../core/ports/evidence.ts'
import { decodeStill } from '../ingest/evidence/still.ts'
import { sightCamera } from '../ingest/probe/probe-camera.ts'
import type { DataFolder } from './data-folder.ts'
import type { Tools } from './tools.ts'
import { maskAtWidth } from './worker/recorded-picture.ts'

/** Enough to draw a zone on. */
const PICTURE_WIDTH = 1_280

/** Probes and logins of cameras for the dashboard, on this machine. */
export function createCameraSetup(deps: {
  readonly tools: Pick<Tools, 'clock' | 'log' | 'metrics' | 'mediaTools'>
  readonly folder: Pick<DataFolder, 'cameraLogins'>
  readonly from: CameraSetup['from']
  readonly masker: () => Pick<Masker, 'still'>
}): CameraSetup {
  const { tools, folder, from } = deps
  return {
    from,
    async probe(url, login, signal) {
      const mediaTools = tools.mediaTools()
      const { report, picture } = await sightCamera(
        url,
        { ...tools, mediaTools },
        { signal, ...(login && { login }) },
      )
      const { url: _, problems, frames: __, ...facts } = report
      const full = picture && (await decodeStill(picture, mediaTools))
      const shown = full && {
        ...{
          jpeg: await maskAtWidth(deps.masker())(full, UNKNOWN, PICTURE_WIDTH),
          capturedAt: full.capturedAt,
        },
      }
      return { facts, problems: problems.map(({ code }) => code), picture: shown }
    },
    keepLogin: (camera, { user, password }) =>
      writeDurably(
        join(folder.cameraLogins, `${camera}-${randomBytes(4).toString('hex')}`),
        `${user}:${password}\n`,
      ),
    async dropLogin(file) {
      if (dirname(file) !== folder.cameraLogins)
        throw new SharpEyesError('internal', 'only a login that was kept here can be dropped')
      await rm(file, { force: true })
    },
  }
}

/** Masked as a camera is by default: nobody has chosen anything yet. */
const UNKNOWN = {
  ...{ id: 'probe', name: { zh: '-', en: '-' }, purpose: 'public_safety' as const, url: '-', place: {} },
  ...{ masking: 'heads' as const, privacy: [], zones: {}, rules: [] },
  recording: { mode: 'ring' as const, hours: 2 },
}

/** A whole file of mode 0600 or none, also after a power cut. A name begins with no ".", so that none meets another's half. */
async function writeDurably(path: string, text: string): Promise<string> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const half = join(folder, `.${randomBytes(8).toString('hex')}`)
  try {
    const file = await open(half, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(half, path)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  }
  const parent = await open(folder, 'r')
  await parent.sync().finally(() => parent.close())
  return path
}
