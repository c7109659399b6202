import { hostname } from 'node:os'
import { createCameraProbes } from '../adapters/camera-probe/remote.ts'
import { createDryRuns } from '../adapters/dry-runs/remote.ts'
import { createControlPlane } from '../adapters/postgres/control-plane.ts'
import { findProbeWorkers, findRecordingHolders } from '../adapters/postgres/workers.ts'
import { createRecordings } from '../adapters/recordings/remote.ts'
import { createDirectTransport } from '../adapters/transport/direct.ts'
import { createPictureWork } from '../alerts/evidence/work.ts'
import { applyPasswords, ensureOperator, tellFirstLogin } from './accounts.ts'
import { openAudit } from './audit.ts'
import { createCameraLogins } from './camera-logins.ts'
import { notBuiltYet, readCityFile } from './city-file.ts'
import type { StartOptions } from './commands/start.ts'
import { dataFolder } from './data-folder.ts'
import { openDatabase } from './database.ts'
import { openEvidenceStore } from './evidence.ts'
import { sampleCity } from './health/samples.ts'
import { busHealth, siteHealth } from './health/site.ts'
import {
  analysisHealth,
  camerasHealth,
  diskHealth,
  notBuiltHealth,
  readHealth,
  sensingHealth,
  slowLiveHealth,
  spoolHealth,
  transportHealth,
} from './health.ts'
import { openSiteModel } from './model.ts'
import { openAlerting, runAlerting } from './roles/alerting.ts'
import { makeTopics, openBus, workerTransport } from './roles/bus.ts'
import { bind, closeServer, startServing } from './roles/serving.ts'
import { startWatching } from './roles/watching.ts'
import { workerPorts } from './roles/worker-ports.ts'
import { SAMPLE_ACCOUNTS } from './sample-city.ts'
import { configureStart } from './starting-city.ts'
import type { Tools } from './tools.ts'
import { openTracer } from './traces.ts'
import { createCameraProbe } from './worker/camera-probe.ts'

/** A message that waits longer than this on the worker's disk: silence of an event says nothing then. */
const LAGGING_MS = 30_000

const say = (line: string) => process.stdout.write(`${line}\n`)

/** `sharp-eyes start`: every role in one process, wired in the order in which each needs the one before. */
export async function startSite(options: StartOptions, tools: Tools): Promise<void> {
  const { log, clock, metrics, stack, signal } = tools
  // What can be wrong with the command line is said before anything is started.
  const given = options.config ? await readCityFile(options.config) : null
  const folder = await dataFolder(options.data)
  const { server, url } = await bind(options)
  stack.push('http server', () => closeServer(server))
  tools.mediaTools()
  const model = await openSiteModel(options.model, tools)
  const { detector } = model

  const { database, url: databaseUrl, kind } = await openDatabase({ folder, tools, own: true })
  const city = await configureStart(options, given, folder, database, tools)
  const login = await ensureOperator(database, city.file, city.sampleAccounts ? SAMPLE_ACCOUNTS : [])
  if (city.file) await applyPasswords(database, city.file.users)

  const bus = await openBus(tools)
  if (bus) await makeTopics(bus, tools)
  const evidence = await openEvidenceStore(folder, tools)
  const { publicUrl } = await tools.settings()
  const tracer = await openTracer(tools, 'start')
  const alertingDeps = { tools, database, databaseUrl, publicUrl: publicUrl ?? url, tracer }
  const alerting = await openAlerting(alertingDeps)
  const direct = createDirectTransport(alerting.receivers)
  const { transport, switching } = workerTransport(bus, direct, tools)
  const link = {
    name: `${hostname()}:${folder.path}`,
    controlPlane: createControlPlane(database),
    transport,
    sink: evidence.store,
    pictures: createPictureWork({ database, clock, metrics }),
  }
  const watching = await startWatching({ tools, folder, link, ...model, endpoint: null, tracer })
  stack.push('watching', () => watching.stop())
  const { consumer } = await runAlerting(alerting, {
    ...alertingDeps,
    bus,
    evidence,
    audit: await openAudit(folder, tools),
    deaf: () => watching.sensing.mqtt?.facts().connected === false,
    lagging: () => clock.now() - (watching.spool.facts.oldestAt ?? clock.now()) > LAGGING_MS,
  })

  const notBuilt = city.file ? notBuiltYet(city.file) : []
  const { worker, spool } = watching
  const sources = [
    camerasHealth(worker),
    analysisHealth(model, worker),
    spoolHealth(spool),
    transportHealth(switching),
    sensingHealth(watching.sensing),
    slowLiveHealth(watching.slow),
    ...siteHealth({ database, evidence, clock }),
    ...busHealth({ bus, consumer, database, clock }),
    diskHealth(folder.path),
    notBuiltHealth(notBuilt),
  ]
  sampleCity(metrics, database)
  await startServing({
    tools,
    folder,
    server,
    database,
    sessionPool: database.pool,
    store: evidence.store,
    alerting,
    live: watching.live,
    cameraLogins: createCameraLogins(folder, 'worker'),
    cameraProbe: createCameraProbes({
      lookup: () => findProbeWorkers(database),
      local: { worker: link.name, probe: createCameraProbe({ tools, masker: watching.masker }) },
      log,
    }),
    recordings: createRecordings({
      lookup: (camera, from, to) => findRecordingHolders(database, camera, from, to),
      local: { worker: link.name, recordings: watching.recordings },
      ...{ log, metrics },
    }),
    dryRuns: createDryRuns({
      lookup: (camera, from, to) => findRecordingHolders(database, camera, from, to),
      local: { worker: link.name, dryRuns: watching.dryRuns },
      log,
    }),
    workers: workerPorts({ database, alerting, evidence, pictures: link.pictures }),
    health: () => readHealth(sources, { ready: true, clock }),
    ready: () => true,
  })

  for (const note of notBuilt) process.stderr.write(`${note}\n`)
  log.info({ url, database: kind, data: folder.path, model: detector?.model.id ?? null }, 'started')
  say(
    `Sharp Eyes is at ${url}  (data: ${folder.path}, database: ${kind}, model: ${detector?.model.id ?? 'none'})`,
  )
  if (login) for (const line of await tellFirstLogin(login, folder)) say(line)
  say('Ctrl+C stops it.')
  const drawing = city.drawSamples()
  stack.push('sample films', () => drawing)
  await new Promise<void>((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
