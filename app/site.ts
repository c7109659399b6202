import { join } from 'node:path'
import { collectOrphans } from '../adapters/evidence-store/collect.ts'
import { createDiskEvidenceStore } from '../adapters/evidence-store/disk.ts'
import { createControlPlane } from '../adapters/postgres/control-plane.ts'
import { createDirectTransport } from '../adapters/transport/direct.ts'
import { createPictureWork } from '../alerts/evidence/work.ts'
import { applyPasswords, ensureOperator, tellFirstLogin } from './accounts.ts'
import { notBuiltYet, readCityFile } from './city-file.ts'
import type { StartOptions } from './commands/start.ts'
import { dataFolder, emptyFolder } from './data-folder.ts'
import { openDatabase } from './database.ts'
import { readHealth } from './health.ts'
import { chosenModel, openDetector, TRACKER_MIN_SCORE } from './model.ts'
import { openAlerting, runAlerting } from './roles/alerting.ts'
import { bind, closeServer, startServing } from './roles/serving.ts'
import { startWatching } from './roles/watching.ts'
import { SAMPLE_ACCOUNTS } from './sample-city.ts'
import { configureStart } from './starting-city.ts'
import type { Tools } from './tools.ts'
import { runPictureMaker } from './worker/picture-maker.ts'

/** A message that waits longer than this on the worker's disk: silence of an event says nothing then. */
const LAGGING_MS = 30_000

const say = (line: string) => process.stdout.write(`${line}\n`)

/** `sharp-eyes start`: every role in one process, wired in the order in which each needs the one before. */
export async function startSite(options: StartOptions, tools: Tools): Promise<void> {
  const { log, clock, stack, signal } = tools
  // What can be wrong with the command line is said before anything is started.
  const given = options.config ? await readCityFile(options.config) : null
  const folder = await dataFolder(options.data)
  const { server, url } = await bind(options)
  stack.push('http server', () => closeServer(server))
  tools.mediaTools()
  const modelName = chosenModel(options.model)
  const detector = modelName ? await openDetector(modelName, tools, { minScore: TRACKER_MIN_SCORE }) : null

  const { database, url: databaseUrl, kind } = await openDatabase({ folder, tools, own: true })
  const city = await configureStart(options, given, folder, database, tools)
  const login = await ensureOperator(database, city.file, city.sampleAccounts ? SAMPLE_ACCOUNTS : [])
  if (city.file) await applyPasswords(database, city.file.users)

  const store = createDiskEvidenceStore(folder.evidence)
  const alertingDeps = { tools, database, databaseUrl, publicUrl: url }
  const alerting = await openAlerting(alertingDeps)
  const watching = await startWatching({
    tools,
    folder,
    controlPlane: createControlPlane(database),
    transport: createDirectTransport(alerting.receivers),
    store,
    detector,
  })
  stack.push('watching', () => watching.stop())
  await runAlerting(alerting, {
    ...alertingDeps,
    store,
    lagging: () => clock.now() - (watching.spool.facts.oldestAt ?? clock.now()) > LAGGING_MS,
    collectOrphans: () => collectOrphans(folder.evidence, database, clock),
  })

  const pictures = new AbortController()
  const workFolder = join(folder.path, 'work')
  await emptyFolder(workFolder)
  const { evidence: source, masker } = watching
  const { metrics } = tools
  const work = createPictureWork({ database, clock, metrics })
  const picturesDone = runPictureMaker(
    { work, worker: watching.name, source, masker, store, workFolder, clock, log, metrics },
    pictures.signal,
  )
  stack.push('pictures', () => {
    pictures.abort()
    return picturesDone
  })

  const notBuilt = city.file ? notBuiltYet(city.file) : []
  const health = () =>
    readHealth({
      database,
      worker: watching.worker,
      spool: watching.spool,
      detector,
      dataPath: folder.path,
      notBuilt,
      ready: true,
      now: clock.now(),
    })
  await startServing({
    tools,
    folder,
    server,
    database,
    sessionPool: database.pool,
    store,
    alerting,
    live: watching.live,
    health,
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
