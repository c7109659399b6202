import { z } from 'zod'
import { DRY_RUN_STEPS, type DryRunFindings, dryRunProblem } from '../../core/dry-run.ts'

/** Address of a worker's dry runs, beside its recordings, by the same secret. */
export const DRY_RUN_PATH = '/dry-run'

/** Header with the id of the run, which those that wait behind it are told. A server that is an older program sends none. */
export const DRY_RUN_HEADER = 'x-dry-run'

const ahead = z.object({ run: z.string(), runs: z.int().min(1) })

/** One line of the answer: progress again and again, then what was found or why not. */
const lineSchema = z.union([
  z.object({
    progress: z.object({ step: z.enum(DRY_RUN_STEPS), share: z.number(), ahead: ahead.optional() }),
  }),
  z.object({ problem: dryRunProblem }),
  // Of a worker of this program; its numbers are looked at nowhere before a page shows them.
  z.object({ findings: z.custom<DryRunFindings>((value) => typeof value === 'object' && value !== null) }),
])
export type DryRunLine = z.output<typeof lineSchema>

export const writeLine = (line: DryRunLine): string => `${JSON.stringify(line)}\n`
export const readLine = (text: string): DryRunLine => lineSchema.parse(JSON.parse(text))
