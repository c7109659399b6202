import type { Pool } from 'pg'
import type { Actor } from '../core/actor.ts'
import type { Retention } from '../core/api/retention.ts'
import type { Health } from '../core/api/shapes.ts'
import type { AuditLog } from '../core/audit/log.ts'
import type { CameraLogins, CameraProbe } from '../core/camera-setup.ts'
import type { ConfigCommands } from '../core/config/objects.ts'
import type { DryRuns } from '../core/dry-run.ts'
import type { EvidenceCommands } from '../core/evidence.ts'
import type { LiveSource } from '../core/live.ts'
import type { OidcSettings } from '../core/oidc.ts'
import type { PackProver } from '../core/pack/prover.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { AlertCommands, CaseCommands } from '../core/ports/commands.ts'
import type { Database } from '../core/ports/database.ts'
import type { EvidenceSource, EvidenceStore } from '../core/ports/evidence.ts'
import type { RecordingSource } from '../core/ports/recordings.ts'
import type { Log, Metrics } from '../core/ports/telemetry.ts'
import type { RecordingCommands } from '../core/recordings.ts'
import type { ChannelTrials } from '../core/routing.ts'
import type { SensorCommands } from '../core/sensors/commands.ts'
import type { WorkerPorts } from './workers/ports.ts'

/** Everything the dashboard needs from outside; `app/` hands it over. */
export interface DashboardDeps {
  readonly database: Database
  /** Of the session store: connect-pg-simple wants a pool of its own library. The same database. */
  readonly sessionPool: Pool
  /** Signs the session cookie. At least 32 characters, the same after a restart and on every API process. */
  readonly sessionSecret: string
  /** Identity provider beside local passwords; absent: passwords alone. */
  readonly oidc?: OidcSettings
  readonly alertCommands: AlertCommands
  readonly caseCommands: CaseCommands
  readonly evidenceCommands: EvidenceCommands
  /** Proofs about the change log; absent: none are given, and the page says why. */
  readonly audit?: AuditLog
  /** Of the audit tree; absent: nothing is exported, and the export says why. */
  readonly prover?: PackProver
  readonly sensorCommands: SensorCommands
  readonly configCommands: ConfigCommands
  /** How cameras are looked at before they are added, and where their logins are kept. */
  readonly cameraLogins: CameraLogins
  readonly cameraProbe: CameraProbe
  readonly channelTrials: ChannelTrials
  /** Kinds of channels that this program can send by, for example `webhook`. */
  readonly channelKinds: readonly string[]
  /** Puts a dead notification back into the queue, with the same message id. */
  readonly retryNotification: (id: string, actor: Actor) => Promise<void>
  readonly live: LiveSource
  /** Recordings of cameras; `pin` keeps what is wanted until its clip is made. */
  readonly recordings: RecordingSource & Pick<EvidenceSource, 'pin'>
  readonly recordingCommands: RecordingCommands
  /** Judges again what a camera saw, at the workers that held it. */
  readonly dryRuns: DryRuns
  /** For workers on other machines (/api/worker); absent: none may come. */
  readonly workers?: WorkerPorts
  readonly evidenceStore: EvidenceStore
  /** Days that each class of data is kept, for the page that shows them. */
  readonly retention: Retention
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Prometheus text of this process. */
  readonly metricsText: () => Promise<string>
  readonly health: () => Promise<Health>
  /** True once the city file is applied and alerts can be taken. */
  readonly ready: () => boolean
  /** The built browser app (`index.html`, `assets/`). */
  readonly webFolder: string
  /** Where uploads lie until they are in the evidence store; made when it is missing. */
  readonly uploadFolder: string
  /** Set when browsers reach this server through TLS. */
  readonly secureCookies?: boolean
  /** Address that browsers use when a proxy rewrites `Host`, for example `https://eyes.city.example`. */
  readonly publicUrl?: string
  /** Number of proxies in front whose X-Forwarded-For is believed (for limits only); default 0. */
  readonly trustedProxies?: number
  /** Opens health and metrics to whoever shows it (`Authorization: Bearer …`); absent: to nobody. */
  readonly monitoringToken?: string
  readonly version: string
}
