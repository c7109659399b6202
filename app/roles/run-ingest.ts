import { createHash, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { createHttpEvidenceSink } from '../../adapters/control/evidence.ts'
import { createHttpControlPlane } from '../../adapters/control/http.ts'
import { createControlLink } from '../../adapters/control/link.ts'
import { createHttpPictureWork } from '../../adapters/control/pictures.ts'
import { createHttpEventTransport } from '../../adapters/control/transport.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { dataFolder, lockDataFolder } from '../data-folder.ts'
import {
  analysisHealth,
  camerasHealth,
  clockHealth,
  diskHealth,
  kafkaHealth,
  readHealth,
  sensingHealth,
  slowLiveHealth,
  spoolHealth,
  transportHealth,
} from '../health.ts'
import { openSiteModel } from '../model.ts'
import type { Tools } from '../tools.ts'
import { openTracer } from '../traces.ts'
import { VERSION } from '../version.ts'
import { createCameraProbe } from '../worker/camera-probe.ts'
import { answerDryRuns } from '../worker/dry-run-server.ts'
import { attachLive } from '../worker/live-server.ts'
import { answerProbes } from '../worker/probe-server.ts'
import { answerRecordings } from '../worker/recording-server.ts'
import { openBus, workerTransport } from './bus.ts'
import { type RoleOptions, untilStopped } from './role.ts'
import { bind, closeServer } from './serving.ts'
import { answerSide } from './side-server.ts'
import { startWatching } from './watching.ts'

export interface IngestOptions extends RoleOptions {
  readonly model?: string
  readonly capacity?: number
}

/**
 * `sharp-eyes ingest`: cameras and sensors of one machine. It has no database credentials: cameras, configuration and the
 * way of its pictures come from the API by its token, events go through the bus (or the API, when the bus is away).
 */
export async function runIngest(options: IngestOptions, tools: Tools): Promise<void> {
  const { clock, log, metrics, stack, signal } = tools
  const { control, workerUrl } = await tools.settings()
  if (!control)
    throw new SharpEyesError(
      'config_invalid',
      'CONTROL_URL: is missing; a worker needs the address of the API and a token ("sharp-eyes workers add NAME" makes one)',
    )
  const folder = await dataFolder(options.data)
  const { server, url } = await bind(options)
  stack.push('http server', () => closeServer(server))
  stack.push('data folder', (await lockDataFolder(folder))[Symbol.asyncDispose])
  tools.mediaTools()
  const model = await openSiteModel(options.model, tools)

  const link = createControlLink({ ...control, instance: instanceOf(folder.path), version: VERSION })
  const deps = { link, clock, log, metrics }
  const controlPlane = createHttpControlPlane(deps)
  const bus = await openBus(tools)
  const { transport, switching } = workerTransport(bus, createHttpEventTransport(link), tools)
  const secret = randomBytes(32).toString('base64url')
  const watching = await startWatching({
    tools,
    folder,
    link: {
      name: link.worker,
      controlPlane,
      transport,
      sink: createHttpEvidenceSink({ ...deps, signal }),
      pictures: createHttpPictureWork(link),
    },
    ...model,
    ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
    tracer: await openTracer(tools, 'ingest'),
    endpoint: workerUrl === null ? null : { url: workerUrl, secret },
  })
  stack.push('watching', () => watching.stop())
  const { worker, spool } = watching
  const sources = [
    camerasHealth(worker),
    analysisHealth(model, worker),
    spoolHealth(spool),
    transportHealth(switching),
    sensingHealth(watching.sensing),
    slowLiveHealth(watching.slow),
    clockHealth(controlPlane),
    ...(bus ? [kafkaHealth(bus.producer, clock)] : []),
    diskHealth(folder.path),
  ]
  const liveView = attachLive(server, {
    live: watching.live,
    camera: (id) => worker.runs.get(id)?.held.camera ?? null,
    secret,
    ...{ clock, log, metrics },
  })
  stack.push('live lines', () => liveView.close())
  const recorded = answerRecordings({ recordings: watching.recordings, secret, log })
  const judged = answerDryRuns({ dryRuns: watching.dryRuns, secret, clock, log })
  stack.push('dry runs', () => judged.close())
  const probed = answerProbes({
    ...{ probe: createCameraProbe({ tools, masker: watching.masker }), secret, log },
  })
  answerSide(server, {
    tools,
    health: () => readHealth(sources, { ready: true, clock }),
    also: (request, response) =>
      liveView.answer(request, response) ||
      recorded(request, response) ||
      judged.answer(request, response) ||
      probed(request, response),
  })
  await untilStopped(`Sharp Eyes worker ${link.worker} runs; health at ${url}/api/health`, tools)
}

/** The same after a restart on the same folder: the spool's events are this worker's. */
const instanceOf = (path: string): string =>
  `${
    hostname()
      .replaceAll(/[^A-Za-z0-9.-]/g, '-')
      .slice(0, 40) || 'worker'
  }-${createHash('sha256').update(path).digest('hex').slice(0, 8)}`
