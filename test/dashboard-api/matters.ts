import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { v7 as uuidv7 } from 'uuid'
import type { HazardEvent } from '../../core/event.ts'
import { fingerprint } from '../../core/event.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'

/** A grey picture of the given size, as a real JPEG. */
export const picture = (width = 640, height = 360, shade = 90): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: shade, g: shade, b: shade } } })
    .jpeg()
    .toBuffer()

/** An alert as the inbox would have written it. */
export async function insertAlert(
  tx: Queryable,
  more: {
    camera?: string
    type?: HazardEvent['type']
    openedAt?: Date
    purpose?: string
    rule?: string
  } = {},
): Promise<string> {
  const at = more.openedAt ?? new Date()
  const id = randomUUID()
  const camera = more.camera ?? 'works-chimney'
  const event: HazardEvent = {
    id: uuidv7(),
    source: { kind: 'camera', id: camera },
    type: more.type ?? 'plume',
    zone: 'sky',
    rule: { id: more.rule ?? `rule-${id}`, version: '1' },
    severity: 2,
    since: at.getTime() - 10_000,
    startedAt: at.getTime(),
    lastSeenAt: at.getTime(),
    endedAt: null,
    endReason: null,
    clock: { kind: 'arrival', errorMs: 40 },
    score: 0.8,
    peakScore: 0.9,
    box: [0.1, 0.1, 0.4, 0.4],
    detections: [],
    measured: { darkness: 2.4 },
    thresholds: { darkness: 2 },
    model: null,
    still: null,
  }
  await tx.query(
    `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, zone, severity, purpose,
       state, started_at, since, last_seen_at, score, event_id, cause, opened_at)
     values ($1, $2, 'camera', $3, $4, '1', $5, 'sky', 2, $6, 'firing', $7, $8, $7, 0.8, $9, $10, $7)`,
    [
      id,
      fingerprint(event),
      camera,
      event.rule.id,
      event.type,
      more.purpose ?? 'environment',
      at,
      new Date(event.since),
      event.id,
      JSON.stringify(event),
    ],
  )
  return id
}

export async function insertEvidence(
  tx: Queryable,
  store: EvidenceStore,
  alertId: string,
  kind: 'still' | 'clip',
  variant: 'masked' | 'original',
  content: Uint8Array,
  camera = 'works-chimney',
): Promise<string> {
  const { sha256, bytes } = await store.put(content)
  const id = randomUUID()
  await tx.query(
    `insert into evidence (id, owner_kind, owner_id, camera, kind, variant, sha256, bytes, media_type, captured_at, created_by)
     values ($1, 'alert', $2, $3, $4, $5, $6, $7, $8, now(), 'test')`,
    [id, alertId, camera, kind, variant, sha256, bytes, kind === 'still' ? 'image/jpeg' : 'video/mp4'],
  )
  return id
}
