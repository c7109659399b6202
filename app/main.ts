import { endWithReader, reportFailure } from './failure.ts'
import { createProgram } from './program.ts'

/** For what still writes its last words. */
const LAST_WORDS_MS = 2_000

endWithReader(process.stdout)
try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  process.exitCode = reportFailure(error)
}
// What could not be stopped in time (a call to a database that hangs) is left behind, and its sockets and timers would
// keep the process for as long as they like. What matters is on the disk: it ends as by kill -9. Nothing left: it is over.
setTimeout(() => process.exit(), LAST_WORDS_MS).unref()
