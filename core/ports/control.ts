import type { CameraConfig, CityConfig } from '../config/city.ts'
import type { SensorConfig } from '../config/sensor.ts'
import type { HazardEvent } from '../event.ts'
import type { Attention } from '../frame.ts'
import type { Told } from '../told.ts'
import type { EpochMs } from '../units.ts'

export interface HeldCamera {
  readonly camera: CameraConfig
  /** Version of the camera's configuration. */
  readonly version: number
  /** Epoch of the lease; in every event of this holding. */
  readonly epoch: number
  readonly until: EpochMs
}

/** Who asks for cameras. */
export interface WorkerFacts {
  /** Of one process and its spool; the same after a restart. */
  readonly name: string
  readonly version: string
  /** Id of the model that it analyses with; null: none. */
  readonly model: string | null
  /** Where it shows its live pictures to the pages' server, and the secret to ask with; null: the same process. */
  readonly endpoint: { readonly url: string; readonly secret: string } | null
}

export interface Holding {
  /** What every worker has to know of the city. */
  readonly city: Pick<CityConfig['city'], 'timezone'>
  /** Every configured sensor: which worker takes its readings is the broker's or the device's choice. */
  readonly sensors: readonly SensorConfig[]
  readonly cameras: readonly HeldCamera[]
  /** Cameras that were held here and left the configuration: their events end. What is in neither list is another's now. */
  readonly left: readonly string[]
  /**
   * Open events of held cameras that no later holder has taken over: a former worker was away with them in its spool and
   * sent them after the camera had gone on. Whoever holds the camera now takes them over, or they would never end.
   */
  readonly strays: readonly { readonly camera: string; readonly event: string }[]
}

export const CAMERA_STATES = ['connecting', 'online', 'stalled', 'offline'] as const

/** What a worker knows of a camera it holds. */
export interface CameraStatus {
  readonly camera: string
  readonly state: (typeof CAMERA_STATES)[number]
  readonly since: EpochMs
  readonly attention: Attention | null
  /** What is wrong with it, in plain words without secrets. */
  readonly problem: string | null
  /** The same for pages; absent: nothing is wrong, or the worker is older. */
  readonly trouble?: Told | null | undefined
  readonly codec: string | null
  readonly width: number | null
  readonly height: number | null
  readonly lastFrameAt: EpochMs | null
  /** Types of its rules that are not watched, and why. */
  readonly unavailable: readonly { type: string; reason: string }[]
}

/** A worker's only way to the city's configuration and to its cameras: it holds no database credentials. */
export interface ControlPlane {
  /** Claims free cameras up to `capacity`, renews those held, stores their status, and answers everything held now. */
  hold(worker: WorkerFacts, capacity: number, status: readonly CameraStatus[]): Promise<Holding>
  /** Ends leases at once; `all` at a process's start, so that its next holding has a new epoch. */
  release(worker: string, cameras: readonly string[] | 'all'): Promise<void>
  /** Events of a camera that are open in the database: a worker that takes the camera over adopts them. */
  openEvents(camera: string): Promise<readonly HazardEvent[]>
}
