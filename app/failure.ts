import { CommanderError } from 'commander'
import { toSharpEyesError } from '../core/errors.ts'

/** One clear line (or one a fault) on stderr; the exit code: 2 for a wrong command line, 1 for everything else. */
export function reportFailure(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2 // commander has said it
  const error = toSharpEyesError(thrown)
  process.stderr.write(`sharp-eyes: ${error.message}\n`)
  if (error.code === 'internal' && process.env.SHARP_EYES_LOG === 'debug' && error.cause instanceof Error) {
    process.stderr.write(`${error.cause.stack}\n`)
  }
  return 1
}

/** Ends the command quietly when nobody reads its lines any more (`sharp-eyes watch … | head`), as a signal would. */
export function endWithReader(stdout: NodeJS.WriteStream): void {
  let gone = false
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (gone) return
    gone = true
    if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM')
    else process.exit(0)
  })
}
