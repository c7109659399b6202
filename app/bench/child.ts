import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { SharpEyesError } from '../../core/errors.ts'
import type { StopStack } from '../../core/stop-stack.ts'

/** A program beside us whose processor time is measured. */
export interface BenchChild {
  readonly pid: number
  /** Resolves with the first line of its output that matches; rejects when it ends before, with its last words. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** Calls back with every further line of its output. */
  onLine(listener: (line: string) => void): void
  readonly ended: boolean
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>
}

const GRACE_MS = 20_000
const LAST_WORDS = 2_000

/** Starts a child that is stopped by the stack at the latest. `env` replaces single variables; undefined removes one. */
export function startChild(
  name: string,
  command: string,
  args: readonly string[],
  options: { stack: StopStack; env?: Readonly<Record<string, string | undefined>> },
): BenchChild {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  let lastWords = ''
  const hear = (chunk: Buffer | string) => {
    lastWords = (lastWords + String(chunk)).slice(-LAST_WORDS)
  }
  child.once('error', (error) => hear(error.message))
  child.stderr.on('data', hear)
  const listeners = new Set<(line: string) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    for (const listener of listeners) listener(line)
  })
  const ended = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  const stop = () => stopChild(child, gone)
  options.stack.push(name, stop)
  return {
    pid: child.pid ?? -1,
    get ended() {
      return ended()
    },
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const listener = (line: string) => {
          const match = pattern.exec(line)
          if (!match) return
          listeners.delete(listener)
          resolve(match)
        }
        listeners.add(listener)
        void gone.then(() =>
          reject(new SharpEyesError('internal', `${name} ended before it was ready: ${lastWords.trim()}`)),
        )
      }),
    onLine: (listener) => void listeners.add(listener),
    stop,
  }
}

async function stopChild(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await Promise.race([gone, once(child, 'exit')])
  clearTimeout(timer)
}
