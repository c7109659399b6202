/** Runs ffmpeg and ffprobe as an unprivileged user; stderr lines are redacted before anybody sees them. */
export interface MediaTools {
  spawn(tool: 'ffmpeg' | 'ffprobe', args: readonly string[], options?: MediaSpawnOptions): MediaProcess
}

export interface MediaSpawnOptions {
  /** Open file descriptors handed over; the child reads them as /proc/self/fd/3, 4 … in this order. */
  readonly fds?: readonly number[]
  /** Texts that must never appear in a log (passwords): redacted from stderr. */
  readonly secrets?: readonly string[]
  readonly stdin?: 'pipe' | 'ignore'
  /** 0..19: how far the child steps back behind this process. */
  readonly niceness?: number
}

export interface MediaProcess {
  readonly pid: number | undefined
  readonly stdin: import('node:stream').Writable | null
  readonly stdout: import('node:stream').Readable
  /** Each redacted line of stderr. */
  onStderr(listener: (line: string) => void): void
  /** The last redacted lines of stderr, for a message. */
  lastLines(): readonly string[]
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  /** SIGTERM, then SIGKILL after the grace (a blocked ffmpeg ignores SIGTERM). Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>
}
