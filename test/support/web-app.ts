import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const WEB = join(ROOT, 'dashboard-api', 'web')
/** What the app is made of: its own sources, what it shares with the server, its packages. */
const SOURCES = [WEB, join(ROOT, 'core'), join(ROOT, 'package-lock.json')]
/** Test files run beside each other: one builds, the others wait for it. */
const LOCK = join(
  tmpdir(),
  `sharp-eyes-web-${createHash('sha256').update(ROOT).digest('hex').slice(0, 12)}.lock`,
)

/** The browser app as the server serves it; built when its sources are newer (`npm test` builds it before). */
export function ensureWebApp(): void {
  const built = join(WEB, 'dist', 'index.html')
  while (isOutdated(built, SOURCES)) {
    if (!takeLock()) {
      pause()
      continue
    }
    try {
      if (isOutdated(built, SOURCES)) build()
      return
    } finally {
      rmSync(LOCK, { force: true })
    }
  }
}

/** Whether `built` is missing, or older than a file at or below `sources`. What a build wrote (`dist`) is no source. */
export function isOutdated(built: string, sources: readonly string[]): boolean {
  const at = statSync(built, { throwIfNoEntry: false })?.mtimeMs
  return at === undefined || sources.some((path) => newest(path) > at)
}

function newest(path: string): number {
  const facts = statSync(path, { throwIfNoEntry: false })
  if (!facts) return 0
  if (!facts.isDirectory()) return facts.mtimeMs
  return readdirSync(path)
    .filter((name) => !/^(dist|node_modules)/.test(name))
    .reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0)
}

function build(): void {
  execFileSync(
    process.execPath,
    [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--config', join(WEB, 'vite.config.ts')],
    // Vitest's own NODE_ENV would build React for development.
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NODE_ENV: 'production' } },
  )
}

/** False: another process builds. */
function takeLock(): boolean {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (isAbandoned()) rmSync(LOCK, { force: true })
    return false
  }
}

function isAbandoned(): boolean {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')) || process.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
