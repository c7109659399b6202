import { type ChildProcess, spawn } from 'node:child_process'
import { getPriority, setPriority, tmpdir } from 'node:os'
import type { MediaTools } from '../core/ports/media.ts'
import type { Log, Metrics } from '../core/ports/telemetry.ts'
import { readableArguments } from './media-descriptors.ts'
import { findMediaTool } from './media-find.ts'
import { createMediaProcess } from './media-process.ts'
import { createRedactor } from './media-redact.ts'
import { type MediaUser, unprivilegedUser } from './media-user.ts'

export interface MediaToolsDeps {
  readonly log: Log
  readonly metrics: Metrics
  /** Whom the children run as; null: as ourselves. Absent: `nobody` when we are root. */
  readonly user?: MediaUser | null
  readonly env?: NodeJS.ProcessEnv
}

/**
 * ffmpeg and ffprobe as children that can do little: another user when we are root, no environment of ours (it may
 * hold secrets), a session of their own (Ctrl-C is for us; we end them in order), `/` as folder.
 *
 * Files are opened by the caller and handed over as `fds`; the child reads them as `-i /proc/self/fd/3`, whatever their
 * folder or mode. To be written by the child, a file must belong to its user, or be written through `pipe:1`.
 * Throws `dependency_missing` when a tool is absent.
 */
export function createMediaTools(deps: MediaToolsDeps): MediaTools {
  const env = deps.env ?? process.env
  const paths = { ffmpeg: findMediaTool('ffmpeg', env), ffprobe: findMediaTool('ffprobe', env) }
  const user = deps.user === undefined ? unprivilegedUser() : deps.user
  const childEnv = { PATH: env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TMPDIR: tmpdir() }

  return {
    spawn(tool, args, options = {}) {
      const fds = options.fds ?? []
      const child = spawn(paths[tool], [...readableArguments(args, fds, user)], {
        stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe', ...fds],
        cwd: '/',
        env: childEnv,
        detached: true,
        ...(user ? { uid: user.uid, gid: user.gid } : {}),
      })
      endWithUs(child)
      if (options.niceness !== undefined) stepBack(child, options.niceness, deps.log)
      deps.metrics.count('media_processes_started_total', { tool })
      return createMediaProcess(child, {
        tool,
        redact: createRedactor(options.secrets ?? []),
        log: deps.log,
        metrics: deps.metrics,
      })
    },
  }
}

/** Nothing steps back further. */
const LAST = 19

function stepBack(child: ChildProcess, niceness: number, log: Log): void {
  try {
    if (child.pid === undefined || niceness === 0) return
    setPriority(child.pid, Math.min(LAST, getPriority(child.pid) + niceness))
  } catch (error) {
    // It has ended already, or is not ours to slow down: its end is told by `exited`.
    log.debug({ pid: child.pid, error: String(error) }, 'the priority of a child was not lowered')
  }
}

const living = new Set<ChildProcess>()

/** A detached child outlives a parent that exits in a hurry; one that is killed leaves it to die of EPIPE. */
function endWithUs(child: ChildProcess): void {
  if (living.size === 0) process.on('exit', killLiving)
  living.add(child)
  const forget = () => {
    living.delete(child)
    if (living.size === 0) process.off('exit', killLiving)
  }
  child.once('exit', forget)
  child.once('error', () => {
    if (child.pid === undefined) forget()
  })
}

function killLiving(): void {
  for (const child of living) child.kill('SIGKILL')
}
