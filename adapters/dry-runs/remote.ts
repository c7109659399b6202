import { type DryRunFindings, type DryRuns, joinFindings } from '../../core/dry-run.ts'
import { ERROR_TABLE, type ErrorCode, SharpEyesError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { detailsOf } from '../../core/refusal.ts'
import type { LiveEndpoint } from '../live/line.ts'
import type { RecordingHolder } from '../recordings/remote.ts'
import { DRY_RUN_HEADER, DRY_RUN_PATH, readLine } from './wire.ts'

/** A worker that judges says so at least once in this time. */
const SILENCE_MS = 30_000
/** What a worker says of the request itself. */
const ANSWERS: readonly ErrorCode[] = ['too_large', 'too_many_requests', 'config_invalid']
/** Some thousand events of two rule sets. */
const MAX_LINE = 8 << 20

/**
 * Dry runs at the workers that held a camera in the span, one after the other: each has the log of its own time. `local`:
 * the worker that is this process.
 */
export function createDryRuns(deps: {
  readonly lookup: (camera: string, from: number, to: number) => Promise<readonly RecordingHolder[]>
  readonly local: { readonly worker: string; readonly dryRuns: DryRuns } | null
  readonly log: Log
}): DryRuns {
  const { local, log } = deps
  const at = ({ worker, endpoint }: RecordingHolder): DryRuns | null =>
    worker === local?.worker ? local.dryRuns : endpoint && askWorker(endpoint)

  return {
    async run(request, watch) {
      const holders = await deps.lookup(request.camera, request.from, request.to)
      const found: DryRunFindings[] = []
      const away: string[] = []
      let failure: unknown = null
      for (const holder of holders) {
        const dryRuns = at(holder)
        try {
          if (dryRuns) found.push(await dryRuns.run(request, watch))
          else away.push(holder.worker)
        } catch (error) {
          watch.signal.throwIfAborted()
          // It was reached, and said what to do: beside the answers of others its part would be missing without a reason.
          if (error instanceof SharpEyesError && ANSWERS.includes(error.code)) throw error
          failure = error
          away.push(holder.worker)
          log.warn(
            { camera: request.camera, worker: holder.worker, error: String(error) },
            'a dry run failed',
          )
        }
      }
      if (found.length > 0) return joinFindings(found, away.sort())
      if (failure) throw failure
      if (away.length === 0)
        throw new SharpEyesError(
          'not_ready',
          `no worker held camera ${request.camera} in this time: there is nothing to judge again`,
          { details: { why: 'nobody_held' } },
        )
      const workers = away.sort().join(', ')
      throw new SharpEyesError(
        'not_ready',
        `the workers that held camera ${request.camera} in this time cannot be asked: ${workers}`,
        { details: { why: 'workers_away', workers } },
      )
    },
  }
}

function askWorker({ url, secret }: LiveEndpoint): DryRuns {
  return {
    async run(request, { id, signal, onProgress }) {
      const silent = new AbortController()
      const alarm = setTimeout(() => silent.abort(), SILENCE_MS)
      let hasAnswered = false
      try {
        const response = await fetch(`${url}${DRY_RUN_PATH}`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${secret}`,
            'content-type': 'application/json',
            [DRY_RUN_HEADER]: id,
          },
          body: JSON.stringify(request),
          signal: AbortSignal.any([signal, silent.signal]),
          redirect: 'error',
        })
        if (!response.ok || !response.body)
          throw new SharpEyesError('not_ready', `the worker answered ${response.status}`, {
            details: { why: 'worker_answer', status: response.status },
          })
        hasAnswered = true
        for await (const text of linesOf(response.body)) {
          alarm.refresh()
          const line = readLine(text)
          if ('progress' in line) onProgress(line.progress)
          else if ('findings' in line) return line.findings
          else {
            const { code, detail, why } = line.problem
            throw new SharpEyesError(codeOf(code), detail, { details: detailsOf(why) })
          }
        }
        throw ended(null)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof SharpEyesError) throw error
        // The connection broke (fetch: a TypeError) after an answer had begun: its process was killed.
        if (hasAnswered && error instanceof TypeError) throw ended(error)
        throw new SharpEyesError('not_ready', 'the worker could not be asked, or said nothing for 30 s', {
          ...{ cause: error, details: { why: 'worker_silent', seconds: SILENCE_MS / 1_000 } },
        })
      } finally {
        clearTimeout(alarm)
      }
    },
  }
}

const ended = (cause: unknown): SharpEyesError =>
  new SharpEyesError('not_ready', 'the worker ended in the middle of a dry run; start it again', {
    ...{ cause, details: { why: 'worker_ended' } },
  })

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE)
      throw new SharpEyesError(
        'too_large',
        `a worker sent a line of more than ${MAX_LINE >> 20} MiB: choose a shorter span`,
        { details: { why: 'answer_long', most: MAX_LINE >> 20 } },
      )
    yield* lines
  }
}

const codeOf = (code: string): ErrorCode =>
  Object.hasOwn(ERROR_TABLE, code) ? (code as ErrorCode) : 'not_ready'
