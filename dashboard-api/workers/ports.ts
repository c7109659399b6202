import type { CameraStatus, ControlPlane, Holding, WorkerFacts } from '../../core/ports/control.ts'
import type { EvidenceSink } from '../../core/ports/evidence.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import type { PictureWork } from '../../core/ports/pictures.ts'
import type { EpochMs } from '../../core/units.ts'

/** What workers on other machines reach through this server; `app/` hands it over. */
export interface WorkerPorts {
  readonly controlPlane: WorkerControlPlane
  readonly tokens: {
    /** Null: nobody has this token. Rejects with `database_unavailable`. */
    find(token: string): Promise<{ readonly name: string; readonly revokedAt: Date | null } | null>
  }
  /** Resolves when the inbox has committed the messages. */
  readonly transport: EventTransport
  readonly evidence: EvidenceSink & {
    /** Whether the bytes are there and were put at `since` (epoch ms) or later. */
    has(sha256: string, since: EpochMs): Promise<boolean>
  }
  readonly pictures: PictureWork
}

/** A ControlPlane that may also be told how far a worker's clock is ahead of the server's. */
export interface WorkerControlPlane extends Omit<ControlPlane, 'hold'> {
  hold(
    worker: WorkerFacts & { readonly clockSkewMs: number | null },
    capacity: number,
    status: readonly CameraStatus[],
  ): Promise<Holding>
}
