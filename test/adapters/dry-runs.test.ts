import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createDryRuns } from '../../adapters/dry-runs/remote.ts'
import { answerDryRuns } from '../../app/worker/dry-run-server.ts'
import type { DryRunFindings, DryRuns } from '../../core/dry-run.ts'
import { type ErrorCode, SharpEyesError } from '../../core/errors.ts'
import { silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'

const side = { rules: [], events: [] }
const FOUND: DryRunFindings = {
  ...{ inForce: side, candidate: side, recording: null, away: [] },
  log: { pictures: 3, looks: 3, lost: 0, scoreFrom: 0.1, stretches: [] },
}
const set = { zones: {}, rules: [] }
const REQUEST = { camera: 'gate', timezone: 'UTC', privacy: [], inForce: set, candidate: set, from: 0, to: 1 }

const WATCH = { id: 'mine', signal: new AbortController().signal, onProgress: () => undefined }

/** `hall` is this process, `yard` is away. */
const run = (hall: DryRuns['run'], workers = ['hall', 'yard']) =>
  createDryRuns({
    lookup: async () => workers.map((worker) => ({ worker, endpoint: null })),
    local: { worker: 'hall', dryRuns: { run: hall } },
    log: silentLog,
  }).run(REQUEST, WATCH)
const saying = (code: ErrorCode) => () => Promise.reject(new SharpEyesError(code, `said ${code}`))

test.each([
  ['hall', 'yard'],
  ['yard', 'hall'],
])('what a worker says of the request is the answer, whoever else is away (%s, %s)', async (...workers) => {
  for (const code of ['too_large', 'too_many_requests', 'config_invalid'] as const)
    await expect(run(saying(code), workers)).rejects.toMatchObject({ code, message: `said ${code}` })
})

test('a worker that refuses is not called away beside the findings of another', async () => {
  let asked = 0
  const answers = [async () => FOUND, saying('too_large')]
  const hall: DryRuns['run'] = () => (answers[asked++] ?? saying('internal'))()
  await expect(run(hall, ['hall', 'hall'])).rejects.toMatchObject({ code: 'too_large' })
})

test('one that cannot be asked is away', async () => {
  expect(await run(async () => FOUND)).toEqual({ ...FOUND, away: ['yard'] })
  await expect(run(saying('not_ready'))).rejects.toMatchObject({
    code: 'not_ready',
    message: 'said not_ready',
  })
})

test('an answer without an end of line is given up and told, whoever else has answered', async () => {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200)
    // A little more than a line may have, and it goes on.
    response.write(Buffer.alloc((8 << 20) + 1, 'x'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const asked = createDryRuns({
      lookup: async () => [
        { worker: 'hall', endpoint: null },
        { worker: 'yard', endpoint: { url, secret: 'of this test' } },
      ],
      local: { worker: 'hall', dryRuns: { run: async () => FOUND } },
      log: silentLog,
    }).run(REQUEST, WATCH)
    await expect(asked).rejects.toMatchObject({
      code: 'too_large',
      details: { why: 'answer_long', most: 8 },
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test.each(['stopped', 'killed'])(
  'a worker that is %s in the middle is told as that, and not as one that is silent',
  async (how) => {
    const begun = Promise.withResolvers<AbortSignal>()
    const { answer, close } = answerDryRuns({
      dryRuns: {
        run: (_, { signal }) =>
          new Promise((_done, fail) => {
            signal.addEventListener('abort', () => fail(signal.reason as Error))
            begun.resolve(signal)
          }),
      },
      ...{ secret: 'of this test', clock: manualClock(0), log: silentLog },
    })
    const server = createServer((request, response) => void answer(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const told = Promise.withResolvers<void>()
      const asked = createDryRuns({
        lookup: async () => [{ worker: 'yard', endpoint: { url, secret: 'of this test' } }],
        ...{ local: null, log: silentLog },
      }).run(REQUEST, { ...WATCH, onProgress: () => told.resolve() })
      const refused = expect(asked).rejects.toMatchObject({
        code: 'not_ready',
        details: { why: 'worker_ended' },
      })
      const signal = await begun.promise
      await told.promise
      if (how === 'stopped') await close()
      else server.closeAllConnections()
      await refused
      await expect.poll(() => signal.aborted).toBe(true)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  },
)
