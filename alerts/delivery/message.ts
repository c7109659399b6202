import type { CaseFacts } from '../../core/case/state.ts'
import { CATALOGUE } from '../../core/catalogue.ts'
import type { Label } from '../../core/config/shared.ts'
import type { EpochMs } from '../../core/units.ts'

/** The thin payload of a notification: facts to find the matter by, no picture, no person. Under 20 kB. */
export interface NotificationPayload {
  /** For example `case.filed`. */
  readonly type: string
  /** When it happened (not when it is sent), UTC. */
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface MessageSensor {
  readonly id: string
  readonly name: Label
  /** Of an exceedance: the latest value, the peak (the lowest value under a lower limit) and the limit, in `unit`. Null: of a fault. */
  readonly measured: {
    readonly factor: string
    readonly factorName: Label
    readonly value: number
    readonly peak?: number
    readonly limit: { readonly above?: number; readonly below?: number }
    readonly unit: string
  } | null
}

export interface MessageMatter {
  readonly caseNo: string | null
  readonly alertId: string | null
  readonly type: string
  readonly severity: number
  readonly place: object | null
  readonly camera: { readonly id: string; readonly name: Label | null } | null
  /** Null: a camera saw it, or a person. */
  readonly sensor: MessageSensor | null
  readonly since: EpochMs
  /** False: a machine's finding that no person has looked at. */
  readonly verified: boolean
}

/** `publicUrl` is the address people open the pages at; without one the links are paths. */
export function payload(
  kind: string,
  matter: MessageMatter,
  at: EpochMs,
  publicUrl: string | null,
  more: Readonly<Record<string, unknown>> = {},
): NotificationPayload {
  const link = (path: string) => (publicUrl ? new URL(path, publicUrl).href : path)
  const names = CATALOGUE[matter.type as keyof typeof CATALOGUE]
  return {
    type: kind,
    timestamp: new Date(at).toISOString(),
    data: {
      case: matter.caseNo,
      alert: matter.alertId,
      /** The same for everything about one matter. */
      thread: matter.alertId ? `alert:${matter.alertId}` : `case:${matter.caseNo}`,
      type: matter.type,
      name: names ? { zh: names.zh, en: names.en } : null,
      severity: matter.severity,
      place: matter.place,
      camera: matter.camera,
      sensor: matter.sensor,
      since: new Date(matter.since).toISOString(),
      verified: matter.verified,
      links: {
        ...(matter.alertId && { alert: link(`/alerts/${matter.alertId}`) }),
        ...(matter.caseNo && { case: link(`/cases/${matter.caseNo}`) }),
      },
      ...more,
    },
  }
}

export const caseMatter = (
  facts: CaseFacts,
  cameraName: Label | null,
  sensor: MessageMatter['sensor'],
  since: EpochMs,
): MessageMatter => ({
  caseNo: facts.no,
  alertId: facts.alertId,
  type: facts.type,
  severity: facts.severity,
  place: facts.place,
  camera: facts.camera ? { id: facts.camera, name: cameraName } : null,
  sensor,
  since,
  verified: true,
})
