import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { createConfigCommands } from '../../adapters/postgres/config-desk.ts'
import { createAuditLog } from '../../alerts/audit/log.ts'
import { createPackProver } from '../../alerts/audit/prover.ts'
import { createChannelTrials } from '../../alerts/delivery/trial.ts'
import { DEFAULT_RETENTION } from '../../alerts/evidence/retention.ts'
import type { Health } from '../../core/api/shapes.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { LiveSource } from '../../core/live.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import { createDashboard } from '../../dashboard-api/app.ts'
import { discoverProvider } from '../../dashboard-api/auth/oidc/provider.ts'
import type { DashboardDeps } from '../../dashboard-api/deps.ts'
import { findAuditKey } from '../audit.ts'
import { type DataFolder, PROJECT_ROOT, writePrivate } from '../data-folder.ts'
import type { Tools } from '../tools.ts'
import { VERSION } from '../version.ts'
import type { Alerting } from './alerting.ts'

export interface ServeOptions {
  readonly port: number
  readonly listen: string
}

/** Binds the port first, so that a port that is taken is said before anything else is started. */
export async function bind({ port, listen }: ServeOptions): Promise<{ server: Server; url: string }> {
  const server = createServer()
  server.on('request', starting)
  await new Promise<void>((done, fail) => {
    // Heard also later: a connection that cannot be accepted (no free descriptor) must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => fail(bindFailure(error, port, listen)))
    server.listen(port, listen, done)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  const host =
    listen === '0.0.0.0' || listen === '::' ? 'localhost' : listen.includes(':') ? `[${listen}]` : listen
  return { server, url: `http://${host}:${bound}` }
}

/** What everybody is told between the binding and the first page. */
function starting(_request: IncomingMessage, response: ServerResponse): void {
  const problem = {
    type: 'about:blank',
    title: 'Starting',
    status: 503,
    code: 'not_ready',
    detail: 'the server is starting',
  }
  response
    .writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' })
    .end(JSON.stringify(problem))
}

function bindFailure(error: NodeJS.ErrnoException, port: number, listen: string): SharpEyesError {
  if (error.code === 'EADDRINUSE') {
    return new SharpEyesError(
      'port_taken',
      `--port ${port}: another program listens on ${listen}:${port}; end it or choose another port`,
    )
  }
  return new SharpEyesError(
    'bad_request',
    `--listen ${listen} --port ${port}: cannot listen there (${error.code})`,
    { cause: error },
  )
}

export async function startServing(deps: {
  readonly tools: Tools
  readonly folder: DataFolder
  readonly server: Server
  readonly database: Database
  readonly sessionPool: Pool
  readonly store: EvidenceStore
  readonly alerting: Alerting
  readonly live: LiveSource
  readonly recordings: DashboardDeps['recordings']
  readonly cameraLogins: DashboardDeps['cameraLogins']
  readonly cameraProbe: DashboardDeps['cameraProbe']
  readonly dryRuns: DashboardDeps['dryRuns']
  /** For workers on other machines; absent: none may come. */
  readonly workers?: DashboardDeps['workers']
  readonly health: () => Promise<Health>
  readonly ready: () => boolean
}): Promise<void> {
  const { tools, folder, server, alerting } = deps
  const { clock, log, metrics, stack } = tools
  const {
    publicUrl,
    trustedProxies,
    monitoringToken,
    sessionSecret: secret,
    keep,
    oidc,
  } = await tools.settings()
  // Not waited for: who has a password logs in while the provider is away.
  if (oidc)
    discoverProvider(oidc).catch((error: unknown) =>
      log.warn({ error: toSharpEyesError(error).message }, 'log-ins by the identity provider fail'),
    )
  const auditKey = await findAuditKey(folder, tools)
  const dashboard = await createDashboard({
    database: deps.database,
    audit: createAuditLog({ database: deps.database, verifier: auditKey?.text ?? null }),
    // Without the key of the log this process could not say whose the checkpoints are.
    ...(auditKey && { prover: createPackProver({ database: deps.database, verifier: auditKey.text }) }),
    sessionPool: deps.sessionPool,
    sessionSecret: secret ?? (await sessionSecret(folder)),
    ...(oidc ? { oidc } : {}),
    alertCommands: alerting.alertCommands,
    caseCommands: alerting.caseCommands,
    evidenceCommands: alerting.evidenceCommands,
    sensorCommands: alerting.sensorCommands,
    configCommands: createConfigCommands(deps),
    cameraLogins: deps.cameraLogins,
    cameraProbe: deps.cameraProbe,
    channelTrials: createChannelTrials({ database: deps.database, channels: alerting.channels, clock }),
    channelKinds: alerting.channels.map(({ kind }) => kind),
    retryNotification: (id, actor) => alerting.notificationCommands.retry(id, actor),
    live: deps.live,
    recordings: deps.recordings,
    dryRuns: deps.dryRuns,
    recordingCommands: alerting.recordingCommands,
    evidenceStore: deps.store,
    retention: { ...DEFAULT_RETENTION, ...keep },
    clock,
    log,
    metrics,
    metricsText: () => metrics.text(),
    health: deps.health,
    ready: deps.ready,
    ...(deps.workers ? { workers: deps.workers } : {}),
    ...(publicUrl === null ? {} : { publicUrl }),
    ...(monitoringToken === null ? {} : { monitoringToken }),
    // Without a trusted proxy nobody says that a call came through TLS, and such a cookie would never be set.
    secureCookies: trustedProxies > 0 && publicUrl?.startsWith('https:') === true,
    trustedProxies,
    webFolder: join(PROJECT_ROOT, 'dashboard-api', 'web', 'dist'),
    uploadFolder: folder.uploads,
    version: VERSION,
  })
  server.off('request', starting)
  server.on('request', dashboard.app)
  dashboard.attach(server)
  stack.push('pages', () => dashboard.close())
}

/** The server stops taking calls at once and ends what is open. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })
}

/** Sessions outlive a restart. */
async function sessionSecret(folder: DataFolder): Promise<string> {
  const file = join(folder.path, 'session-secret')
  if (!existsSync(file)) await writePrivate(file, randomBytes(48).toString('base64url'))
  return readFile(file, 'utf8')
}
