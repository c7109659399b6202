import { createCameraProbes } from '../../adapters/camera-probe/remote.ts'
import { createDryRuns } from '../../adapters/dry-runs/remote.ts'
import { createRemoteLiveSource } from '../../adapters/live/remote.ts'
import { findLiveEndpoint, findProbeWorkers, findRecordingHolders } from '../../adapters/postgres/workers.ts'
import { createRecordings } from '../../adapters/recordings/remote.ts'
import { createPictureWork } from '../../alerts/evidence/work.ts'
import { createCameraLogins } from '../camera-logins.ts'
import { dataFolder } from '../data-folder.ts'
import { openEvidenceStore } from '../evidence.ts'
import { sampleCity } from '../health/samples.ts'
import { siteHealth } from '../health/site.ts'
import { diskHealth, readHealth } from '../health.ts'
import type { Tools } from '../tools.ts'
import { openTracer } from '../traces.ts'
import { openAlerting } from './alerting.ts'
import { needDatabase, type RoleOptions, untilStopped } from './role.ts'
import { bind, closeServer, startServing } from './serving.ts'
import { workerPorts } from './worker-ports.ts'

/** `sharp-eyes api`: pages, HTTP, and what workers on other machines talk to. Any number may run on one database. */
export async function runApi(options: RoleOptions, tools: Tools): Promise<void> {
  const { clock, log, metrics, stack } = tools
  const folder = await dataFolder(options.data)
  const { server, url } = await bind(options)
  stack.push('http server', () => closeServer(server))
  const { database, url: databaseUrl } = await needDatabase('api', folder, tools)
  const { publicUrl } = await tools.settings()
  const evidence = await openEvidenceStore(folder, tools)
  const alerting = await openAlerting({
    tools,
    database,
    databaseUrl,
    publicUrl: publicUrl ?? url,
    tracer: await openTracer(tools, 'api'),
  })
  const live = createRemoteLiveSource({
    lookup: (camera) => findLiveEndpoint(database, camera),
    ...{ clock, log, metrics },
  })
  stack.push('live views', () => live[Symbol.asyncDispose]())
  const sources = [...siteHealth({ database, evidence, clock }), diskHealth(folder.path)]
  sampleCity(metrics, database)
  await startServing({
    tools,
    folder,
    server,
    database,
    sessionPool: database.pool,
    store: evidence.store,
    alerting,
    live,
    cameraLogins: createCameraLogins(folder, 'api'),
    // This process may see another network than those who pull: it never looks at a camera itself.
    cameraProbe: createCameraProbes({ lookup: () => findProbeWorkers(database), local: null, log }),
    recordings: createRecordings({
      lookup: (camera, from, to) => findRecordingHolders(database, camera, from, to),
      local: null,
      ...{ log, metrics },
    }),
    dryRuns: createDryRuns({
      lookup: (camera, from, to) => findRecordingHolders(database, camera, from, to),
      local: null,
      log,
    }),
    health: () => readHealth(sources, { ready: true, clock }),
    ready: () => true,
    workers: workerPorts({
      database,
      alerting,
      evidence,
      pictures: createPictureWork({ database, clock, metrics }),
    }),
  })
  await untilStopped(`Sharp Eyes pages are at ${url}`, tools)
}
