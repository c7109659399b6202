import { join } from 'node:path'
import { createCameraProbes } from '../../adapters/camera-probe/remote.ts'
import type { LiveEndpoint } from '../../adapters/live/line.ts'
import { cameraProbeContract } from '../contract/camera-probe.ts'
import { runScript } from '../support/child.ts'
import { recordingLog } from '../support/log.ts'
import { realProbe } from '../support/probe-worker.ts'

const WORKER = join(import.meta.dirname, '../support/probe-worker.ts')

cameraProbeContract('in this process', async () => {
  const log = recordingLog()
  return {
    ...{ probe: realProbe(log), worker: null },
    said: async () => JSON.stringify(log.lines),
    [Symbol.asyncDispose]: async () => undefined,
  }
})

cameraProbeContract('at a worker in another process', async () => {
  const log = recordingLog()
  const child = runScript(WORKER, [])
  const [, told] = /endpoint (.*)/.exec(await child.said('endpoint')) ?? []
  const endpoint: LiveEndpoint = JSON.parse(told ?? 'null')
  return {
    probe: createCameraProbes({ lookup: async () => [{ worker: 'yard', endpoint }], local: null, log }),
    worker: 'yard',
    said: async () => `${JSON.stringify(log.lines)} ${await child.said('endpoint')}`,
    async [Symbol.asyncDispose]() {
      child.kill()
      await child.exited
    },
  }
})
