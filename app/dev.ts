import { reportFailure } from './failure.ts'
import { runDev } from './seed/dev.ts'

try {
  await runDev(process.argv.slice(2))
} catch (error) {
  process.exitCode = reportFailure(error)
}
