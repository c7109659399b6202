import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isRoot, traversableByOthers } from '../adapters/os-user.ts'
import { SharpEyesError } from '../core/errors.ts'

export const PROJECT_ROOT = resolve(import.meta.dirname, '..')

/** Where everything of one site lives. Only one process may run on it. */
export interface DataFolder {
  readonly path: string
  readonly spool: string
  readonly ring: string
  readonly trackLog: string
  readonly pins: string
  readonly evidence: string
  readonly samples: string
  readonly uploads: string
  /** Logins of cameras that were typed on a page; each file 0600, made when the first one is. */
  readonly cameraLogins: string
  /** The first password, when there is no terminal to print it on. */
  readonly firstLogin: string
  /** The URL of the embedded database while it runs (0600): other commands on this machine read it. */
  readonly databaseUrl: string
}

/**
 * `--data`, else SHARP_EYES_DATA, else `data/` in the project; as root, where the database's own user cannot reach the
 * project (a home with mode 0700), a folder of this project below /var/lib/sharp-eyes.
 */
export async function dataFolder(option: string | undefined): Promise<DataFolder> {
  const path = resolve(option ?? process.env.SHARP_EYES_DATA ?? (await defaultFolder()))
  const folder: DataFolder = {
    path,
    spool: join(path, 'spool'),
    ring: join(path, 'ring'),
    trackLog: join(path, 'track-log'),
    pins: join(path, 'pins'),
    evidence: join(path, 'evidence'),
    samples: join(path, 'samples'),
    uploads: join(path, 'uploads'),
    cameraLogins: join(path, 'camera-logins'),
    firstLogin: join(path, 'first-login'),
    databaseUrl: join(path, 'database-url'),
  }
  try {
    for (const part of [
      path,
      folder.spool,
      folder.ring,
      folder.trackLog,
      folder.pins,
      folder.evidence,
      folder.samples,
      folder.uploads,
    ]) {
      await makeFolder(part)
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SharpEyesError(
      'bad_request',
      `--data ${path}: cannot be written (${reason}); name a folder that can`,
      { cause },
    )
  }
  return folder
}

/** Step by step: Node's own recursive mkdir never returns below /proc (its ENOENT means something else there). */
async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return
  await makeFolder(dirname(path))
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

/** Removes what a process that was killed left half made. */
export async function emptyFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await mkdir(path)
}

async function defaultFolder(): Promise<string> {
  const own = join(PROJECT_ROOT, 'data')
  if (!isRoot() || (await traversableByOthers(PROJECT_ROOT))) return own
  const tag = createHash('sha256').update(PROJECT_ROOT).digest('hex').slice(0, 8)
  return `/var/lib/sharp-eyes/${basename(PROJECT_ROOT)}-${tag}`
}

/** Takes the folder for this process; throws when another live process has it. */
export async function lockDataFolder(folder: DataFolder): Promise<AsyncDisposable> {
  const file = join(folder.path, 'running.pid')
  if (existsSync(file)) {
    const pid = Number(await readFile(file, 'utf8'))
    if (pid && pid !== process.pid && (await isSharpEyes(pid))) {
      throw new SharpEyesError(
        'port_taken',
        `another sharp-eyes (pid ${pid}) runs on ${folder.path}: end it, or give this one another folder with --data`,
      )
    }
    await rm(file, { force: true }) // left by a process that was killed
  }
  const handle = await open(file, 'wx')
  await handle.writeFile(String(process.pid))
  await handle.close()
  return {
    async [Symbol.asyncDispose]() {
      await rm(file, { force: true })
    },
  }
}

async function isSharpEyes(pid: number): Promise<boolean> {
  try {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    return command.includes('main.ts') // pids are used again: a stranger must not keep us out
  } catch {
    try {
      process.kill(pid, 0)
      return process.platform !== 'linux'
    } catch {
      return false
    }
  }
}

/** Writes a file that only its owner reads. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await rm(path, { force: true }) // the mode is taken only when the file is made
  await writeFile(path, text, { mode: 0o600 })
}
