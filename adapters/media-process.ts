import type { ChildProcess } from 'node:child_process'
import type { MediaProcess } from '../core/ports/media.ts'
import type { Log, Metrics } from '../core/ports/telemetry.ts'
import { createLineLog } from './media-lines.ts'

const GRACE_MS = 2_000

export interface MediaProcessOptions {
  readonly tool: string
  readonly redact: (line: string) => string
  readonly log: Log
  readonly metrics: Metrics
}

/** A child with redacted stderr, an end that is always reported, and a stop that always works. */
export function createMediaProcess(child: ChildProcess, options: MediaProcessOptions): MediaProcess {
  const { tool, log, metrics } = options
  const lines = createLineLog(options.redact)
  const { stdout, stderr, stdin } = child
  if (!stdout || !stderr) throw new TypeError('a media process needs stdout and stderr as pipes')

  stderr.on('data', (chunk: Buffer) => lines.push(chunk))
  stderr.on('end', () => lines.end())
  // A child that dies while we write or read resets the pipe; its end is reported by `exited`.
  for (const stream of [stdin, stdout, stderr]) {
    stream?.on('error', (error) =>
      log.debug({ tool, pid: child.pid, error: error.message }, 'pipe of a child broke'),
    )
  }

  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    // Without a process there is no 'close' to wait for.
    child.once('error', (error) => {
      if (child.pid !== undefined) return
      lines.push(Buffer.from(`${tool} could not be started: ${error.message}\n`))
      log.error({ tool, error: error.message }, 'a media tool could not be started')
      resolve({ code: null, signal: null })
    })
  })

  return {
    pid: child.pid,
    stdin,
    stdout,
    onStderr: (listener) => lines.onLine(listener),
    lastLines: () => lines.last(),
    exited,
    async stop(graceMs = GRACE_MS) {
      if (child.pid === undefined) return
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        const timer = setTimeout(() => {
          metrics.count('media_processes_killed_total', { tool })
          child.kill('SIGKILL')
        }, graceMs)
        await gone
        clearTimeout(timer)
      }
      // 'close' waits for a reader of what is left in the pipe; who stops a child wants none of it.
      stdout.destroy()
      await exited
    },
  }
}
