import type { Server } from 'node:http'
import { join } from 'node:path'
import express, { type Application } from 'express'
import { SharpEyesError } from '../core/errors.ts'
import { createAroundReader } from './alerts/around.ts'
import { alertHandlers } from './alerts/handlers.ts'
import { alertMediaHandlers } from './alerts/media.ts'
import { createAlertReader } from './alerts/read.ts'
import { auditHandlers } from './audit/handlers.ts'
import { createPasswordCheck } from './auth/credentials.ts'
import { sessionHandlers } from './auth/handlers.ts'
import { createLogInLimits, partLimit, requestLimit } from './auth/limits.ts'
import { oidcHandlers } from './auth/oidc/handlers.ts'
import { openSessionHandlers } from './auth/open-sessions.ts'
import { createSessions } from './auth/session.ts'
import { createSessionWatch } from './auth/watch.ts'
import { cameraImportHandlers } from './camera-import/handlers.ts'
import { cameraSetupHandlers } from './camera-setup/handlers.ts'
import { cameraHandlers } from './cameras/handlers.ts'
import { createCameraReader } from './cameras/read.ts'
import { captureHandlers } from './captures/handlers.ts'
import { caseHandlers } from './cases/handlers.ts'
import { createCaseLists } from './cases/list.ts'
import { caseListHandlers } from './cases/list-handlers.ts'
import { createCaseReader } from './cases/read.ts'
import { createUploads } from './cases/upload.ts'
import { createCityReader } from './city.ts'
import { clockHandlers } from './clocks/handlers.ts'
import { configHandlers } from './config/handlers.ts'
import type { DashboardDeps } from './deps.ts'
import { CLAIMS_CHANNEL } from './desk/claims.ts'
import { deskHandlers } from './desk/handlers.ts'
import { dryRunHandlers } from './dry-runs/handlers.ts'
import { createDryRunJobs } from './dry-runs/jobs.ts'
import { eventHandlers } from './events/handlers.ts'
import { fieldHandlers } from './field/handlers.ts'
import { healthDeskHandlers } from './health/handlers.ts'
import { holdHandlers } from './holds/handlers.ts'
import { problemHandler } from './http/problems.ts'
import type { Handlers } from './http/route.ts'
import { createRouter } from './http/router.ts'
import { securityHeaders } from './http/security.ts'
import { createLiveSockets } from './live/socket.ts'
import { createLooks } from './looks.ts'
import { mapHandlers } from './map/handlers.ts'
import { originalHandlers } from './originals/handlers.ts'
import { createSeals } from './originals/seals.ts'
import { otherHandlers } from './other.ts'
import { packHandlers } from './pack/handlers.ts'
import { recordingHandlers } from './recordings/handlers.ts'
import { keptHandlers } from './recordings/kept.ts'
import { ROUTES } from './routes.ts'
import { routingHandlers } from './routing/handlers.ts'
import { sensorHandlers } from './sensors/handlers.ts'
import { createSensorReader } from './sensors/sensors.ts'
import { createStatic } from './static.ts'
import { statisticsHandlers } from './statistics/handlers.ts'
import { streamHandlers } from './stream/handlers.ts'
import { createPulse } from './stream/pulse.ts'
import { createChangeReader } from './stream/reader.ts'
import { userHandlers } from './users/handlers.ts'
import { viewHandlers } from './views/handlers.ts'
import { workerHandlers } from './workers/handlers.ts'
import { createWorkerApi } from './workers/router.ts'

export interface Dashboard {
  readonly app: Application
  /** Takes the WebSocket handshakes of this server. */
  attach(server: Server): void
  /** Ends streams, live views and sessions' timers. The HTTP server is closed by who made it. */
  close(): Promise<void>
}

/** The server half of the dashboard: HTTP, change stream, live video. */
export function createDashboard(deps: DashboardDeps): Dashboard {
  const { database, clock, log, metrics, evidenceStore, live, publicUrl } = deps
  if (deps.sessionSecret.length < 32) {
    throw new SharpEyesError('config_invalid', 'the session secret has fewer than 32 characters')
  }
  const tls = deps.secureCookies ?? false
  const proxies = deps.trustedProxies ?? 0
  const city = createCityReader(deps)
  const looks = createLooks(deps)
  const seals = createSeals({ database, city, clock })
  const watch = createSessionWatch(deps)
  const sessions = createSessions({
    database,
    pool: deps.sessionPool,
    secret: deps.sessionSecret,
    secure: tls,
    behindProxy: proxies > 0,
    clock,
    log,
  })
  const alerts = createAlertReader({ database, city, clock })
  const cases = createCaseReader({ database, city, clock })
  const cameras = createCameraReader({ database, city, clock })
  const sensors = createSensorReader({ database, city })
  const around = createAroundReader({ database, alerts, cameras, sensors, city, clock })
  const passwords = createPasswordCheck()
  const dryRunJobs = createDryRunJobs(deps)
  const changes = once(() => createChangeReader(deps))
  const claims = once(() => createPulse(database, CLAIMS_CHANNEL))
  const streams = streamHandlers({
    database,
    reader: changes.get,
    claims: claims.get,
    watch,
    clock,
    log,
    metrics,
  })
  const sockets = createLiveSockets({
    database,
    sessions,
    watch,
    cameras,
    live,
    looks,
    publicUrl,
    clock,
    log,
    metrics,
  })
  const handlers: Handlers<typeof ROUTES> = {
    ...sessionHandlers({
      database,
      city,
      sessions,
      passwords,
      limits: createLogInLimits(clock),
      watch,
      clock,
      log,
      metrics,
    }),
    ...oidcHandlers({ ...deps, sessions, watch, secure: tls }),
    ...auditHandlers({ ...deps, looks }),
    ...alertHandlers({ database, alerts, around, alertCommands: deps.alertCommands }),
    ...alertMediaHandlers({ database, alerts, evidenceStore, looks, seals }),
    ...caseHandlers({
      database,
      cases,
      caseCommands: deps.caseCommands,
      evidenceStore,
      takeUpload: createUploads(deps.uploadFolder, clock),
      looks,
    }),
    ...fieldHandlers({
      ...{ database, cases, caseCommands: deps.caseCommands, evidenceStore, clock },
      folder: join(deps.uploadFolder, 'pieces'),
    }),
    ...captureHandlers({ ...deps, cameras, cases, looks }),
    ...cameraHandlers({ cameras, live, looks }),
    ...routingHandlers({ city, clock, channelTrials: deps.channelTrials }),
    ...configHandlers({ configCommands: deps.configCommands, city }),
    ...cameraImportHandlers({ configCommands: deps.configCommands, city }),
    ...cameraSetupHandlers({ ...deps, city, looks }),
    ...caseListHandlers({ lists: createCaseLists({ database, city, clock }), city, clock }),
    ...clockHandlers({ city, clock }),
    ...openSessionHandlers({ database, sessions, watch, clock, log }),
    ...deskHandlers({ database, alerts, alertCommands: deps.alertCommands, city, clock }),
    ...dryRunHandlers({ ...deps, cameras, city, looks, jobs: dryRunJobs }),
    ...eventHandlers({ database, city, cases, clock }),
    ...originalHandlers({ database, city, alerts, cases, clock }),
    ...packHandlers({ ...deps, city, cases, looks, seals }),
    ...holdHandlers({ database, alerts, cases, city, evidenceCommands: deps.evidenceCommands }),
    ...mapHandlers({ database, cameras, sensors, city }),
    ...recordingHandlers({ ...deps, cameras, cases, looks }),
    ...keptHandlers({ ...deps, cameras, cases, looks, seals }),
    ...sensorHandlers({ database, city, clock, sensorCommands: deps.sensorCommands }),
    ...healthDeskHandlers({ database, city, clock }),
    ...statisticsHandlers({ database, city, clock }),
    ...userHandlers(deps),
    ...viewHandlers({ database, clock }),
    ...workerHandlers({ database, clock }),
    ...otherHandlers({ ...deps, city }),
    stream: streams.stream,
  }

  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', proxies)
  app.set('query parser', 'simple')
  app.use(securityHeaders(tls))
  if (deps.workers) {
    const uploadFolder = join(deps.uploadFolder, 'workers')
    const { version } = deps
    app.use('/api/worker', createWorkerApi({ ...deps.workers, uploadFolder, version, clock, log, metrics }))
  }
  app.use(
    createRouter(ROUTES, handlers, {
      sessions,
      requestLimit: requestLimit(clock),
      partLimit: partLimit(clock),
      publicUrl,
      monitoringToken: deps.monitoringToken ?? null,
      clock,
      metrics,
    }),
  )
  app.use(createStatic(deps.webFolder))
  app.use((request) => {
    throw new SharpEyesError('not_found', `there is nothing under ${request.method} ${request.path}`)
  })
  app.use(problemHandler(log))

  return {
    app,
    attach: (server) => sockets.attach(server),
    async close() {
      streams.closeAll()
      await dryRunJobs.close()
      await sockets.close()
      await watch.close()
      await (await changes.made())?.close()
      await (await claims.made())?.close()
      sessions.close()
    },
  }
}

/** Made when first asked for; a failed attempt is forgotten, so that the next one tries again. */
function once<T>(make: () => Promise<T>) {
  let made: Promise<T> | null = null
  return {
    get(): Promise<T> {
      if (made) return made
      const attempt = make()
      made = attempt
      attempt.catch(() => {
        if (made === attempt) made = null
      })
      return attempt
    },
    made: async (): Promise<T | null> => made?.catch(() => null) ?? null,
  }
}
