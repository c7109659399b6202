import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../adapters/clock.ts'
import { createDryRuns } from '../../adapters/dry-runs/remote.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { createMediaTools } from '../../adapters/media-tools.ts'
import { createMetrics } from '../../adapters/metrics.ts'
import { createConfigCommands } from '../../adapters/postgres/config-desk.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { createRecordings } from '../../adapters/recordings/remote.ts'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { createNotificationCommands } from '../../alerts/delivery/retry.ts'
import { createChannelTrials } from '../../alerts/delivery/trial.ts'
import { createEvidenceCommands } from '../../alerts/evidence/holds.ts'
import { createRecordingCommands } from '../../alerts/evidence/recordings.ts'
import { DEFAULT_RETENTION } from '../../alerts/evidence/retention.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { createSensorCommands } from '../../alerts/sensors/commands.ts'
import { createCameraLogins } from '../../app/camera-logins.ts'
import { createCameraProbe } from '../../app/worker/camera-probe.ts'
import { citySchema } from '../../core/config/city.ts'
import type { LiveSource, LiveViewer } from '../../core/live.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import { createDashboard, type Dashboard } from '../../dashboard-api/app.ts'
import { setPassword } from '../../dashboard-api/auth/credentials.ts'
import type { DashboardDeps } from '../../dashboard-api/deps.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import { recordingLog, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type Browser, createBrowser } from './browser.ts'

export const PASSWORD = 'correct horse battery'

/** A small city with one person of each role, two departments and a camera that has privacy masks. */
export const CITY = citySchema.parse({
  city: { name: '示例市', timezone: 'Asia/Shanghai', datum: 'GCJ-02' },
  departments: [
    {
      id: 'ecology',
      name: { zh: '生态环境局', en: 'Ecology bureau' },
      channels: [{ kind: 'webhook', url: 'http://127.0.0.1:9/hook?key=secret', secretFile: '/nowhere' }],
    },
    { id: 'market', name: { zh: '市场监管局', en: 'Market supervision' } },
  ],
  users: [
    user('operator'),
    user('officer', 'ecology'),
    { ...user('officer', 'market'), name: 'market.officer' },
    user('verifier'),
    user('investigator'),
    user('auditor'),
    user('admin'),
  ],
  cameras: [
    {
      id: 'works-chimney',
      name: { zh: '三号烟囱', en: 'Chimney 3' },
      purpose: 'environment',
      url: 'rtsp://10.0.0.8/stream1',
      place: { address: '学府路 1 号' },
      zones: {
        sky: [
          [0.1, 0],
          [0.9, 0],
          [0.9, 0.5],
        ],
      },
      rules: [{ id: 'dark-plume', type: 'plume', zone: 'sky', darkness: 2 }],
    },
    {
      id: 'kitchen',
      name: { zh: '后厨', en: 'Kitchen' },
      purpose: 'kitchen',
      url: 'rtsp://10.0.0.9/stream1',
      privacy: [
        [
          [0, 0],
          [0.2, 0],
          [0.2, 0.2],
        ],
      ],
    },
  ],
  routes: [{ when: { purpose: ['kitchen'] }, lead: 'market' }, { lead: 'ecology' }],
})

function user(role: string, department?: string) {
  return { name: role, roles: [role], passwordFile: '/nowhere', ...(department ? { department } : {}) }
}

/** Our own port, driven by the test: every viewer that is open, and the newest masked picture. */
export interface FakeLive extends LiveSource {
  readonly viewers: Map<string, Set<LiveViewer>>
  picture: Uint8Array | null
}

function createFakeLive(): FakeLive {
  const viewers = new Map<string, Set<LiveViewer>>([
    ['works-chimney', new Set()],
    ['kitchen', new Set()],
  ])
  const live: FakeLive = {
    viewers,
    picture: null,
    async open(camera, viewer) {
      const open = viewers.get(camera)
      if (!open) return null
      open.add(viewer)
      return { wantBoxes: () => undefined, [Symbol.dispose]: () => void open.delete(viewer) }
    },
    still: async () =>
      live.picture ? { jpeg: live.picture, capturedAt: Date.parse('2026-11-24T08:00:00Z') } : null,
  }
  return live
}

export interface TestDashboard extends AsyncDisposable {
  readonly url: string
  readonly database: TestDatabase
  readonly dashboard: Dashboard
  readonly server: Server
  readonly evidenceStore: EvidenceStore
  readonly live: FakeLive
  readonly log: ReturnType<typeof recordingLog>
  ready: boolean
  /** Nobody logged in yet. */
  browser(): Browser
  /** Logged in; the same one for each name. */
  as(name: string): Promise<Browser>
}

/** The real dashboard on the real database, with the real commands of alerts/. */
export async function startDashboard(
  more: Partial<DashboardDeps> = {},
  wrap: (database: TestDatabase) => Database = (same) => same,
  wrapStore: (store: EvidenceStore) => EvidenceStore = (same) => same,
): Promise<TestDashboard> {
  const database = await createTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'dashboard-'))
  await applyConfig(database, configObjects(CITY), { actor: 'test', reason: 'test', write: true })
  for (const { name } of CITY.users) {
    await setPassword(database, name, PASSWORD, { mustChange: false })
  }
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Sharp Eyes</title>')
  await writeFile(join(folder, 'theme.js'), 'void 0')
  const metrics = createMetrics()
  const log = recordingLog()
  const clock = systemClock
  const live = createFakeLive()
  const mediaTools = createMediaTools({ log, metrics })
  const evidenceStore = createDiskEvidenceStore(join(folder, '.evidence'))
  const notifying = { channelKinds: ['webhook'], metrics, publicUrl: null }
  const state = { ready: true }
  const dashboard = createDashboard({
    database: wrap(database),
    sessionPool: database.pool,
    sessionSecret: 'a secret of at least thirty-two characters',
    alertCommands: createAlertCommands({ database, clock, metrics }),
    caseCommands: createCaseCommands({
      ...notifying,
      database,
      clock,
      log: silentLog,
      // Jobs wake nobody here: deadlines have their own tests.
      jobs: { send: async () => undefined },
    }),
    evidenceCommands: createEvidenceCommands({ database, clock, log: silentLog, metrics }),
    configCommands: createConfigCommands({ database }),
    cameraLogins: createCameraLogins({ cameraLogins: join(folder, 'camera-logins') }, 'worker'),
    cameraProbe: createCameraProbe({
      tools: { clock, log, metrics, mediaTools: () => mediaTools },
      masker: createMasker({ finder: null, mediaTools, log }),
    }),
    channelTrials: createChannelTrials({ database, channels: [createWebhookChannel({ clock })], clock }),
    channelKinds: notifying.channelKinds,
    sensorCommands: createSensorCommands({
      ...{ database, clock, metrics },
      inbox: createInbox({ database, clock, log: silentLog, metrics }),
    }),
    retryNotification: createNotificationCommands({ ...notifying, database, clock }).retry,
    live,
    // Nobody has a recording: tests of recordings bring a real ring.
    recordings: createRecordings({ lookup: async () => [], local: null, log, metrics }),
    dryRuns: createDryRuns({ lookup: async () => [], local: null, log }),
    recordingCommands: createRecordingCommands({ database, log: silentLog, metrics }),
    evidenceStore: wrapStore(evidenceStore),
    retention: { ...DEFAULT_RETENTION, events: 30, readings: null },
    clock,
    log,
    metrics,
    metricsText: () => metrics.text(),
    health: async () => ({
      status: state.ready ? 'degraded' : 'starting',
      parts: [{ name: 'kafka', status: 'not_built', code: 'not_built', detail: 'direct transport' }],
      version: '0.0.0',
      now: new Date(clock.now()).toISOString(),
    }),
    ready: () => state.ready,
    webFolder: folder,
    uploadFolder: join(folder, 'uploads'),
    version: '0.0.0',
    ...more,
  })
  const server = createServer(dashboard.app)
  dashboard.attach(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browsers = new Map<string, Promise<Browser>>()
  const logIn = async (name: string): Promise<Browser> => {
    const browser = createBrowser(url)
    const answer = await browser.post('/api/session', { name, password: PASSWORD })
    if (answer.status !== 200) throw new Error(`log-in of ${name}: ${answer.status} ${await answer.text()}`)
    return browser
  }
  return {
    url,
    database,
    dashboard,
    server,
    evidenceStore,
    live,
    log,
    get ready() {
      return state.ready
    },
    set ready(ready) {
      state.ready = ready
    },
    browser: () => createBrowser(url),
    as(name) {
      const known = browsers.get(name) ?? logIn(name)
      browsers.set(name, known)
      return known
    },
    async [Symbol.asyncDispose]() {
      await dashboard.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
