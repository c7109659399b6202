import { CLOUDEVENT_HEADERS, eventType, schemaUri } from '../../core/messages/envelope.ts'
import { MESSAGES, type MessageName } from '../../core/messages/table.ts'
import type { BusRecord } from '../../core/ports/messages.ts'
import { dlqOf, type Topic } from '../../core/topics.ts'
import type { MatterFacts } from './facts.ts'
import type { PositionedChange } from './read.ts'

export interface BusChange {
  readonly topic: Topic | `${Topic}.dlq`
  readonly record: BusRecord
  /** Why it is in the dead-letter topic; null: it is a message. */
  readonly fault: string | null
}

/**
 * The record of a change; null: it is not for others (looks, cameras). Pure, so that a change that is published again is
 * the same message under the same id. A change that fits no message goes to the dead-letter topic as it is in the log:
 * it must not hold up those behind it.
 *
 * @param log of this change log, in `source`: `source` + `id` is what readers tell copies by
 */
export function busChange(change: PositionedChange, facts: MatterFacts, log: string): BusChange | null {
  const shape = shapeOf(change, facts)
  if (!shape) return null
  const { topic, schema } = MESSAGES[shape.name]
  const parsed = schema.safeParse({
    specversion: '1.0',
    id: `change/${change.pos}`,
    source: `/change-logs/${log}`,
    type: eventType(shape.name),
    subject: change.key,
    time: change.at.toISOString(),
    datacontenttype: 'application/json',
    dataschema: schemaUri(shape.name),
    data: shape.data,
  })
  if (parsed.success) {
    const value = Buffer.from(JSON.stringify(parsed.data))
    return { topic, record: { key: shape.key, value, headers: CLOUDEVENT_HEADERS }, fault: null }
  }
  const fault = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    .join('; ')
  const value = Buffer.from(JSON.stringify(change))
  const headers = { 'content-type': 'application/json', 'x-error-class': 'unfit', 'x-error-message': fault }
  return { topic: dlqOf(topic), record: { key: shape.key, value, headers }, fault }
}

interface Shape {
  readonly name: MessageName
  readonly key: string
  readonly data: unknown
}

function shapeOf(change: PositionedChange, facts: MatterFacts): Shape | null {
  switch (change.topic) {
    case 'alert':
      return alertShape(change, facts)
    case 'case':
      return caseShape(change, facts)
    case 'notification':
      return notificationShape(change)
    case 'recording':
    case 'look':
    case 'camera':
    case 'sensor':
    case 'config':
    case 'shift':
    case 'audit':
      return null
  }
}

function alertShape({ key, payload: p }: PositionedChange, facts: MatterFacts): Shape | null {
  // Older rows about a clip say nothing but that.
  if (p.kind === undefined) return null
  const origin = facts.alerts.get(key)
  return {
    name: 'alert.event.v1',
    key: origin?.fingerprint ?? key,
    data: {
      change: p.kind,
      actor: p.actor,
      picture: p.picture,
      alert: {
        id: p.id,
        fingerprint: origin?.fingerprint,
        source: { kind: origin?.source_kind, id: p.camera },
        rule: origin?.rule_id,
        zone: p.zone,
        type: p.type,
        severity: p.severity,
        purpose: p.purpose,
        place: origin?.place,
        state: p.state,
        verdict: p.verdict,
        verdictReason: p.verdictReason,
        acknowledged: p.acknowledgedBy !== null,
        lost: p.lost,
        occurrences: p.occurrences,
        since: origin?.since.toISOString(),
        startedAt: p.startedAt,
        lastSeenAt: p.lastSeenAt,
        resolvedAt: p.resolvedAt,
        caseNo: p.caseNo,
        eventId: p.eventId,
        version: p.version,
      },
    },
  }
}

function caseShape({ key, payload: p }: PositionedChange, facts: MatterFacts): Shape {
  const origin = facts.cases.get(key)
  return {
    name: 'case.event.v1',
    key,
    data: {
      changes: p.kinds,
      actor: p.actor,
      case: {
        no: p.no,
        state: p.state,
        version: p.version,
        type: p.type,
        severity: p.severity,
        alertId: p.alertId,
        camera: p.camera,
        purpose: origin?.purpose,
        place: origin?.place,
        lead: p.lead,
        assist: p.assist,
        due: p.due,
        reworkCount: p.reworkCount,
        extensionCount: p.extensionCount,
        filedAt: origin?.filed_at.toISOString(),
        closedAt: p.closedAt,
      },
    },
  }
}

function notificationShape({ key, payload: p }: PositionedChange): Shape {
  return {
    name: 'notify.attempt.v1',
    // Of the group, which never changes: also after filing, what began under the alert stays in order under it.
    key: typeof p.groupId === 'string' ? p.groupId : key,
    data: {
      notification: {
        id: p.id,
        messageId: p.messageId,
        group: { kind: p.groupKind, id: p.groupId },
        step: p.step,
        department: p.department,
        channel: p.channel,
        recipient: p.recipient,
        state: p.state,
        attempt: p.attempt,
        nextAttemptAt: p.nextAttemptAt,
        possibleDuplicates: p.possibleDuplicates,
        code: p.providerCode,
        sentAt: p.sentAt,
      },
    },
  }
}
