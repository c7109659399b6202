import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { connectPostgres, type PostgresDatabase } from '../../adapters/postgres/database.ts'
import { silentLog } from './log.ts'
import { type ProcessId, processTree, stillRunning } from './processes.ts'
import { waitUntil } from './wait-until.ts'

const run = promisify(execFile)
const MAIN = resolve(import.meta.dirname, '../../app/main.ts')
/** The first start makes a database cluster; on a busy machine that takes its time. */
const START_LIMIT_MS = 300_000

/** The real program in a process of its own. */
export interface Site extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Everything that the program has said so far. */
  readonly output: () => string
  readonly processes: () => readonly ProcessId[]
  /** Runs another command on the site's data folder; rejects with its words when it fails. */
  command(...args: readonly string[]): Promise<string>
  /** A connection to the site's own database; the caller closes it. */
  database(): Promise<PostgresDatabase>
  /** SIGTERM, as a supervisor ends it; its exit code, and what was left running. */
  stop(): Promise<{ readonly code: number | null; readonly left: readonly ProcessId[] }>
  /** SIGKILL to the program and everything it started, as a power cut. */
  kill(): Promise<void>
}

export interface SiteOptions {
  /** Data folder; see `siteFolder`. */
  readonly data: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** 0: any free one. */
  readonly port?: number
}

/** A folder in which the embedded database's own user can reach its files. Removed on dispose. */
export async function siteFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sharp-eyes-site-'))
  await chmod(path, 0o755)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** `sharp-eyes start` on a free port; resolves when its health is 200, rejects with its own words when it ends before. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { data, args = [], port = 0 } = options
  const env = { ...withoutOurs(process.env), ...options.env }
  const child = spawn(process.execPath, [MAIN, 'start', '--data', data, '--port', String(port), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const add = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-200_000)
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const isAlive = () => child.exitCode === null && child.signalCode === null
  const pid = child.pid
  if (pid === undefined) throw new Error('the program did not start')

  const killAll = async () => {
    const all = processTree(pid)
    for (const each of stillRunning(all)) killNow(each.pid)
    if (isAlive()) await exited
    await waitUntil('all processes of the site are gone', () => stillRunning(all).length === 0)
  }
  const address = () => /Sharp Eyes is at (http:\S+)/.exec(output)?.[1]
  try {
    await waitUntil('the site says its address', () => address() !== undefined || !isAlive(), START_LIMIT_MS)
    const url = address()
    if (!url) throw new Error('the program ended')
    const { status } = await fetch(`${url}/api/health`)
    if (status !== 200) throw new Error(`/api/health is ${status} after the site said its address`)
    return {
      url,
      port: Number(new URL(url).port),
      output: () => output,
      processes: () => processTree(pid),
      command: async (...words) =>
        (await run(process.execPath, [MAIN, ...words, '--data', data], { env })).stdout,
      database: async () =>
        connectPostgres({ url: await readFile(join(data, 'database-url'), 'utf8'), log: silentLog, max: 2 }),
      async stop() {
        const before = processTree(pid)
        child.kill('SIGTERM')
        const [code] = await exited
        return { code, left: stillRunning(before) }
      },
      kill: killAll,
      [Symbol.asyncDispose]: killAll,
    }
  } catch (error) {
    await killAll()
    throw new Error(`the site did not start: ${(error as Error).message}\n${output}`)
  }
}

/** A child may end by itself between the look and the signal: its parent is gone. */
function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The site must find its own defaults, not those of whoever runs the tests. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(SHARP_EYES_(?!ASSETS)|DATABASE_URL$|VITEST|NODE_OPTIONS$)/.test(name),
    ),
  )
}
