import { createJobs } from '../../alerts/jobs/jobs.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

// A worker that takes a job and never finishes it: its parent kills it while the job is active.
const [url] = process.argv.slice(2)
if (!url) throw new Error('usage: jobs-child URL')
const jobs = await createJobs({ url, log: silentLog, metrics: recordingMetrics() })
await jobs.work({
  'case-clock': async () => {
    process.stdout.write('taken\n')
    await new Promise((resolve) => setTimeout(resolve, 600_000))
  },
  'alert-unanswered': async () => undefined,
  'alert-mute-ended': async () => undefined,
})
