import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../adapters/clock.ts'
import { createCameraProbe } from '../../app/worker/camera-probe.ts'
import { answerProbes } from '../../app/worker/probe-server.ts'
import type { CameraProbe } from '../../core/camera-setup.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import { recordingMetrics } from './log.ts'
import { testMediaTools } from './media-tools.ts'

/** Probes with the real media tools, masking without a model. */
export function realProbe(log: Log): CameraProbe {
  const mediaTools = testMediaTools()
  const masker = createMasker({ finder: null, mediaTools, log })
  const tools = { clock: systemClock, log, metrics: recordingMetrics(), mediaTools: () => mediaTools }
  return createCameraProbe({ tools, masker })
}

/** A worker as far as its probes go: the server that answers them to whoever has the secret. */
export async function startProbeWorker(
  probe: CameraProbe,
  log: Log,
): Promise<AsyncDisposable & { readonly endpoint: { readonly url: string; readonly secret: string } }> {
  const secret = 'a secret of this worker'
  const answer = answerProbes({ probe, secret, log })
  const server = createServer((request, response) => {
    if (!answer(request, response)) response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** As a script: says where it is and what it logs, and answers until it is killed. */
if (process.argv[1] === import.meta.filename) {
  const line = (fields: object, message: string) =>
    process.stdout.write(`${JSON.stringify({ message, ...fields })}\n`)
  const log: Log = { debug: line, info: line, warn: line, error: line, child: () => log }
  const { endpoint } = await startProbeWorker(realProbe(log), log)
  process.stdout.write(`endpoint ${JSON.stringify(endpoint)}\n`)
}
