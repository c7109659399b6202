import { openAudit } from '../audit.ts'
import { dataFolder } from '../data-folder.ts'
import { openEvidenceStore } from '../evidence.ts'
import { sampleCity } from '../health/samples.ts'
import { busHealth, siteHealth } from '../health/site.ts'
import { diskHealth, readHealth } from '../health.ts'
import type { Tools } from '../tools.ts'
import { openTracer } from '../traces.ts'
import { openAlerting, runAlerting } from './alerting.ts'
import { openBus } from './bus.ts'
import { needDatabase, type RoleOptions, untilStopped } from './role.ts'
import { bind, closeServer } from './serving.ts'
import { answerSide } from './side-server.ts'

/**
 * `sharp-eyes alerts`: reads the bus into the database, notifies, keeps deadlines, publishes the change log. Any number
 * may run on one database: they share the bus's partitions, and what only one may do is held by a lock.
 */
export async function runAlerts(options: RoleOptions, tools: Tools): Promise<void> {
  const { clock, log, metrics, stack } = tools
  const folder = await dataFolder(options.data)
  const { server, url } = await bind(options)
  stack.push('http server', () => closeServer(server))
  const { database, url: databaseUrl } = await needDatabase('alerts', folder, tools)
  const { publicUrl } = await tools.settings()
  if (publicUrl === null)
    log.warn(
      {},
      'PUBLIC_URL is not set: links in messages lead to http://127.0.0.1:8080, which only this machine can open',
    )
  const bus = await openBus(tools)
  const evidence = await openEvidenceStore(folder, tools)
  const deps = {
    tools,
    database,
    databaseUrl,
    publicUrl: publicUrl ?? 'http://127.0.0.1:8080',
    tracer: await openTracer(tools, 'alerts'),
  }
  const alerting = await openAlerting(deps)
  const { consumer } = await runAlerting(alerting, {
    ...deps,
    bus,
    evidence,
    audit: await openAudit(folder, tools),
    lagging: () => false,
  })
  const sources = [
    ...siteHealth({ database, evidence, clock }),
    ...busHealth({ bus, consumer, database, clock }),
    diskHealth(folder.path),
  ]
  sampleCity(metrics, database)
  answerSide(server, { tools, health: () => readHealth(sources, { ready: true, clock }) })
  await untilStopped(`Sharp Eyes alerting runs; health at ${url}/api/health`, tools)
}
