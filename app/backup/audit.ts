import { existsSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import { auditKeyFile, checkpointFolder } from '../audit.ts'
import { type DataFolder, writePrivate } from '../data-folder.ts'
import { AUDIT_KEY, CHECKPOINTS } from './manifest.ts'

/** Checkpoints, and the key where it lies in the data folder, into a backup. */
export async function saveAudit(data: DataFolder, folder: string): Promise<void> {
  const checkpoints = checkpointFolder(data)
  if (existsSync(checkpoints)) await cp(checkpoints, join(folder, CHECKPOINTS), { recursive: true })
  const key = auditKeyFile(data)
  if (existsSync(key)) await writePrivate(join(folder, AUDIT_KEY), await readFile(key, 'utf8'))
}

/** Out of a backup into a data folder. What the folder has already stays: another key would be another log. */
export async function bringAudit(from: string, data: DataFolder): Promise<void> {
  const checkpoints = join(from, CHECKPOINTS)
  if (existsSync(checkpoints))
    await cp(checkpoints, checkpointFolder(data), { recursive: true, force: false, errorOnExist: false })
  const key = join(from, AUDIT_KEY)
  if (!existsSync(key)) return
  if (!existsSync(auditKeyFile(data))) await writePrivate(auditKeyFile(data), await readFile(key, 'utf8'))
  else if ((await readFile(key, 'utf8')) !== (await readFile(auditKeyFile(data), 'utf8')))
    throw new SharpEyesError(
      'state_conflict',
      `${auditKeyFile(data)}: is not the key of the backup; restore into a new --data folder`,
    )
}
