import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CameraLogins } from '../core/camera-setup.ts'
import { SharpEyesError } from '../core/errors.ts'
import type { DataFolder } from './data-folder.ts'

/** Logins of cameras, in private files of this machine. */
export function createCameraLogins(
  { cameraLogins: folder }: Pick<DataFolder, 'cameraLogins'>,
  from: CameraLogins['from'],
): CameraLogins {
  return {
    from,
    keepLogin: (camera, { user, password }) =>
      writeDurably(join(folder, `${camera}-${randomBytes(4).toString('hex')}`), `${user}:${password}\n`),
    async dropLogin(file) {
      if (dirname(file) !== folder)
        throw new SharpEyesError('internal', 'only a login that was kept here can be dropped')
      await rm(file, { force: true })
    },
  }
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
