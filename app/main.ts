import { endWithReader, reportFailure } from './failure.ts'
import { createProgram } from './program.ts'

endWithReader(process.stdout)
try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  process.exitCode = reportFailure(error)
}
