import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCameraProbes } from '../../adapters/camera-probe/remote.ts'
import { createDryRuns } from '../../adapters/dry-runs/remote.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import type { PostgresDatabase } from '../../adapters/postgres/database.ts'
import { createRecordings } from '../../adapters/recordings/remote.ts'
import { parseCity } from '../../core/config/parse.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { LiveSource } from '../../core/live.ts'
import { noTracer } from '../../core/trace.ts'
import { runDrain } from '../../ingest/spool/drain.ts'
import { applyPasswords } from '../accounts.ts'
import { openAudit } from '../audit.ts'
import { createCameraLogins } from '../camera-logins.ts'
import { dataFolder } from '../data-folder.ts'
import { openEvidenceStore } from '../evidence.ts'
import { openAlerting, runAlerting } from '../roles/alerting.ts'
import { bind, closeServer, startServing } from '../roles/serving.ts'
import type { Tools } from '../tools.ts'
import { benchEvent, benchMessage } from './event.ts'
import { openEventPath } from './event-path.ts'
import { type Figure, percentiles } from './report.ts'
import { logIn } from './stream.ts'

const EVENTS = 200
const APART_MS = 50
const PATIENCE_MS = 20_000
const PERSON = { name: 'bench', password: 'bench-password-of-no-site' }

/** The roles that alert and serve, on a database of their own; events come from here instead of from cameras. */
export async function measurePublished(tools: Tools): Promise<readonly Figure[]> {
  const { clock, log, metrics, stack, signal } = tools
  const { server, url } = await bind({ port: 0, listen: '127.0.0.1' })
  stack.push('http server', () => closeServer(server))
  const path = await openEventPath(tools, async ({ folder, database, databaseUrl }) => {
    await configure(database, folder)
    const data = await dataFolder(join(folder, 'data'))
    const evidence = await openEvidenceStore(data, tools)
    const deps = { tools, database, databaseUrl, publicUrl: url, tracer: noTracer }
    const alerting = await openAlerting(deps)
    await runAlerting(alerting, {
      ...deps,
      bus: null,
      evidence,
      audit: await openAudit(data, tools),
      lagging: () => false,
    })
    await startServing({
      ...{
        tools,
        folder: data,
        server,
        database,
        sessionPool: database.pool,
        store: evidence.store,
        alerting,
      },
      live: NO_CAMERAS,
      cameraLogins: createCameraLogins(data, 'api'),
      cameraProbe: createCameraProbes({ lookup: async () => [], local: null, log }),
      recordings: createRecordings({ lookup: async () => [], local: null, log, metrics }),
      dryRuns: createDryRuns({ lookup: async () => [], local: null, log }),
      health: () => Promise.reject(new SharpEyesError('not_ready', 'a bench has no health')),
      ready: () => true,
    })
    return alerting.receivers
  })
  const client = await logIn(url, PERSON)
  const stop = new AbortController()
  const drained = runDrain({
    ...{ spool: path.spool, transport: path.transport, clock, log, metrics, signal: stop.signal },
  })
  stack.push('drain', () => {
    stop.abort()
    return drained
  })

  const appendedAt = new Map<string, number>()
  const toDurable: number[] = []
  const toDatabase: number[] = []
  const toClient: number[] = []
  const all = Promise.withResolvers<void>()
  await client.follow(
    ({ topic, data, receivedAt }) => {
      const began = appendedAt.get(String(data.payload.camera))
      if (topic !== 'alert' || data.payload.kind !== 'opened' || began === undefined) return
      toDatabase.push(Date.parse(data.at) - began)
      toClient.push(receivedAt - began)
      if (toClient.length === EVENTS) all.resolve()
    },
    AbortSignal.any([stop.signal, signal]),
  )
  for (let n = 0; n < EVENTS; n += 1) {
    const camera = `bench-${n}`
    const began = Date.now()
    appendedAt.set(camera, began)
    await path.spool.append(benchMessage(benchEvent(camera, began), { kind: 'start', seq: 1, at: began }))
    toDurable.push(Date.now() - began)
    await clock.sleep(APART_MS, signal)
  }
  const late = clock.sleep(PATIENCE_MS, AbortSignal.any([stop.signal, signal])).then(() => {
    throw new SharpEyesError(
      'internal',
      `${toClient.length} of ${EVENTS} published events reached the client`,
    )
  })
  await Promise.race([all.promise, late])
  late.catch(() => undefined) // nobody listens to the limit any more
  stop.abort()
  return [
    ...percentiles('published: append → durable in the spool', toDurable),
    ...percentiles('published: append → alert in the database', toDatabase),
    ...percentiles('published: append → alert at the client', toClient),
  ]
}

const NO_CAMERAS: LiveSource = { open: () => Promise.resolve(null), still: () => Promise.resolve(null) }

async function configure(database: PostgresDatabase, folder: string): Promise<void> {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, PERSON.password, { mode: 0o600 })
  const file = join(folder, 'city.yaml')
  const city = parseCity(
    JSON.stringify({
      city: { name: 'bench', timezone: 'UTC', datum: 'WGS-84' },
      departments: [{ id: 'duty', name: { zh: '值班', en: 'Duty' } }],
      users: [{ name: PERSON.name, roles: ['operator'], passwordFile }],
      routes: [{ lead: 'duty' }],
    }),
    file,
  )
  await applyConfig(database, configObjects(city), { actor: 'bench', reason: 'bench', write: true })
  await applyPasswords(database, city.users)
}
