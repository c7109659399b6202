import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tools } from '../tools.ts'

/** A temporary folder for films, data and recordings of a bench; removed when it ends. */
export async function benchFolder({ stack }: Tools): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-bench-'))
  await chmod(folder, 0o755) // as root, the users of the database and of ffmpeg must get through to their files
  stack.push('the folder of the bench', () => rm(folder, { recursive: true, force: true }))
  return folder
}
