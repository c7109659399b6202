import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { MediaProcess, MediaTools } from '../../core/ports.ts'

/** The real ffmpeg of the PATH as the user that runs the tests. Counts what it started and what still runs. */
export function testMediaTools(): MediaTools & {
  readonly running: () => number
  readonly started: () => number
} {
  let running = 0
  let started = 0
  return {
    running: () => running,
    started: () => started,
    spawn(tool, args, options = {}): MediaProcess {
      const child = spawn(tool, args, {
        stdio: [options.stdin === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(options.fds ?? [])],
      })
      running++
      started++
      const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
        child.once('close', (code, signal) => resolve({ code, signal }))
        child.once('error', () => resolve({ code: null, signal: null }))
      }).finally(() => running--)
      const last: string[] = []
      const listeners: ((line: string) => void)[] = []
      const { stdout, stderr, stdin } = child
      if (!stdout || !stderr) throw new Error(`${tool} has no pipes`)
      stdin?.on('error', (error) => last.push(String(error)))
      createInterface({ input: stderr }).on('line', (line) => {
        last.push(line)
        if (last.length > 20) last.shift()
        for (const listener of listeners) listener(line)
      })
      return {
        pid: child.pid,
        stdin,
        stdout,
        onStderr: (listener) => listeners.push(listener),
        lastLines: () => last,
        exited,
        async stop(graceMs = 1000) {
          child.kill('SIGTERM')
          const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
          await exited
          clearTimeout(timer)
        },
      }
    },
  }
}
