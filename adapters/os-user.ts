import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { SharpEyesError } from '../core/errors.ts'

const run = promisify(execFile)

export interface OsUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

export const isRoot = (): boolean => process.getuid?.() === 0

/** The uid and gid of a system user, made with `useradd` when it does not exist. Only as root. */
export async function systemUser(name: string): Promise<OsUser> {
  try {
    return await lookUp(name)
  } catch {
    try {
      await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', name])
    } catch (cause) {
      throw new SharpEyesError(
        'dependency_missing',
        `cannot make the system user "${name}" that must run it (root may not): run "useradd --system ${name}" yourself, or start as another user than root`,
        { cause },
      )
    }
    return lookUp(name)
  }
}

async function lookUp(name: string): Promise<OsUser> {
  const id = async (flag: string) => Number((await run('id', [flag, name])).stdout.trim())
  return { name, uid: await id('-u'), gid: await id('-g') }
}

/** Whether every other user may pass through all folders above `path` (a folder under a 0700 home is out of reach). */
export async function traversableByOthers(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const mode = await stat(folder).then(
      (facts) => facts.mode,
      () => 0o001, // not there yet: its parent decides
    )
    if ((mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
