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
