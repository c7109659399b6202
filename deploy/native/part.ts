import { type ChildProcess, spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** One process of a deployment, as a supervisor sees it. */
export interface Part {
  readonly name: string
  /** Of the process that runs now; null: none does. */
  readonly pid: number | null
  /** SIGTERM, and SIGKILL after half a minute. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** SIGSTOP: sockets stay open and nothing answers. */
  pause(): void
  resume(): void
  /** Starts it (again) with the same arguments; resolves when it is ready. */
  start(): Promise<void>
}

export interface PartOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What it says, appended. */
  readonly logFile: string
  /** Resolves true when it does its work. */
  readonly isReady: () => Promise<boolean>
  readonly user?: { readonly uid: number; readonly gid: number }
}

const START_MS = 180_000
const STOP_MS = 30_000
const LOOK_MS = 100

/** A part that does not run yet. It ends with its parent: the parent stops it, also when it fails. */
export function createPart(options: PartOptions): Part {
  const { name } = options
  let child: ChildProcess | null = null
  let gone: Promise<void> = Promise.resolve()

  const end = async (signal: NodeJS.Signals) => {
    const running = child
    if (!running) return
    running.kill('SIGCONT') // a stopped process takes no other signal but SIGKILL
    running.kill(signal)
    const timer = new AbortController()
    const late = delay(STOP_MS, 'late', { signal: timer.signal }).catch(() => 'gone')
    if ((await Promise.race([gone.then(() => 'gone'), late])) === 'late') running.kill('SIGKILL')
    timer.abort()
    await gone
  }

  return {
    name,
    get pid() {
      return child?.pid ?? null
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async start() {
      await end('SIGTERM')
      const log = await open(options.logFile, 'a', 0o600)
      const started = spawn(options.command, options.args, {
        env: { ...process.env, ...options.env },
        stdio: ['ignore', log.fd, log.fd],
        ...options.user,
      })
      child = started
      gone = new Promise((done) => {
        const over = () => {
          if (child === started) child = null
          done()
        }
        started.once('exit', over)
        started.once('error', over)
      })
      await log.close()
      const deadline = Date.now() + START_MS
      while (!(await options.isReady().catch(() => false))) {
        if (child !== started)
          throw new Error(`${name} ended before it was ready; ${options.logFile} says why`)
        if (Date.now() > deadline) {
          await end('SIGKILL')
          throw new Error(`${name} was not ready within ${START_MS / 1_000} s; ${options.logFile} says why`)
        }
        await delay(LOOK_MS)
      }
    },
  }
}

/** Whether a GET is answered with one of these statuses. */
export async function answers(url: string, statuses: readonly number[] = [200]): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  await response.body?.cancel()
  return statuses.includes(response.status)
}
