import { v7 as uuidv7 } from 'uuid'
import { writeChanges } from '../../core/changes.ts'
import type { DepartmentConfig } from '../../core/config/city.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import { readDepartments } from '../routing/city.ts'
import type { NotificationPayload } from './message.ts'
import { type NotificationGroup, type NotificationRow, notificationChange } from './row.ts'

export interface EnqueueDeps {
  /** Kinds of channels this program can send by. */
  readonly channelKinds: readonly string[]
  /** Absent where the unreachable were counted before. */
  readonly metrics?: Metrics
}

export interface Unreachable {
  readonly department: string
  readonly why: string
}

type ChannelConfig = DepartmentConfig['channels'][number]

/** Name of a channel that a department does not have: its row is a dead letter from the start. */
const NO_CHANNEL = 'none'

/**
 * Queues one step of a group for its departments: a row per channel with a message id of its own (invariant 5: asking
 * twice adds nothing). A department that cannot be reached gets a dead row, so that the failed step is seen, and is
 * given back for the log.
 */
export async function enqueue(
  tx: Queryable,
  { channelKinds, metrics }: EnqueueDeps,
  request: {
    readonly group: NotificationGroup
    readonly step: string
    readonly departments: readonly string[]
    readonly payload: (department: string) => NotificationPayload
  },
): Promise<{
  readonly added: number
  readonly unreachable: readonly Unreachable[]
  /** Of the channels that cannot be used now, whether or not they have a row already. */
  readonly faults: readonly (Fault & { readonly channel: string })[]
}> {
  const configured = await readDepartments(tx)
  const wanted = request.departments.flatMap((id) =>
    recipientsOf(id, configured.get(id), channelKinds).map((recipient) => ({
      ...recipient,
      payload: request.payload(id),
    })),
  )
  const rows = await insert(tx, request, wanted)
  await writeChanges(tx, rows.map(notificationChange))
  if (rows.some((row) => row.state === 'queued')) await tx.query("select pg_notify('notifications', '')")
  const unreachable = request.departments
    .map((department) => ({ department, mine: rows.filter((row) => row.department === department) }))
    .filter(({ mine }) => mine.length > 0 && mine.every((row) => row.state === 'dead'))
    .map(({ department, mine }) => ({ department, why: mine.map((row) => row.error ?? '').join('; ') }))
  for (const { department } of unreachable) {
    metrics?.count('notifications_unreachable_total', { department })
  }
  const faults = wanted.flatMap(({ channel, fault }) => (fault ? [{ channel, ...fault }] : []))
  return { added: rows.length, unreachable, faults }
}

interface Recipient {
  readonly department: string
  readonly channel: string
  readonly recipient: string
  /** Null: it can be sent. */
  readonly fault: Fault | null
}

/** `code`: stable, as a channel's failure has one. */
interface Fault {
  readonly code: string
  readonly error: string
}

/**
 * A recipient is a place in the department's channel list (`ecology/1`), not an address: it shows no secret, and a
 * corrected address is used by the next attempt.
 */
function recipientsOf(
  id: string,
  department: DepartmentConfig | undefined,
  channelKinds: readonly string[],
): readonly Recipient[] {
  if (!department || department.channels.length === 0) {
    const fault = department
      ? {
          code: 'no_channel',
          error: `department ${id} has no channel: add one under departments in the city file`,
        }
      : { code: 'no_department', error: `department ${id} is not configured any more` }
    return [{ department: id, channel: NO_CHANNEL, recipient: id, fault }]
  }
  const places = new Map<string, number>()
  return department.channels.flatMap(addressed).map(({ kind }) => {
    const place = (places.get(kind) ?? 0) + 1
    places.set(kind, place)
    return {
      department: id,
      channel: kind,
      recipient: `${id}/${place}`,
      fault: missing(id, kind, channelKinds),
    }
  })
}

/** A mail has one recipient: what one mailbox refuses must not be sent to the others again. */
export const addressed = (channel: ChannelConfig): readonly ChannelConfig[] =>
  channel.kind === 'email' ? channel.to.map((to) => ({ ...channel, to: [to] })) : [channel]

/** Why this program cannot send by this kind of channel; null: it can. */
function missing(id: string, kind: ChannelConfig['kind'], kinds: readonly string[]): Fault | null {
  if (kinds.includes(kind)) return null
  if (kind === 'email')
    return {
      code: 'no_relay',
      error: `department ${id} has e-mail and this program has no relay: set SMTP_HOST and SMTP_FROM`,
    }
  return {
    code: 'unknown_channel',
    error: `department ${id} has a channel ${kind}, which this program cannot use`,
  }
}

/** The address a recipient stands for now; null: the department has no such channel any more. */
export function channelTarget(
  department: DepartmentConfig | undefined,
  row: { readonly channel: string; readonly recipient: string },
): ChannelConfig | null {
  const place = Number(row.recipient.slice(row.recipient.lastIndexOf('/') + 1))
  return department?.channels.flatMap(addressed).filter(({ kind }) => kind === row.channel)[place - 1] ?? null
}

async function insert(
  tx: Queryable,
  { group, step }: { readonly group: NotificationGroup; readonly step: string },
  wanted: readonly (Recipient & { readonly payload: NotificationPayload })[],
): Promise<readonly NotificationRow[]> {
  if (wanted.length === 0) return []
  const list = wanted.map(({ fault, ...row }) => {
    const id = uuidv7()
    const message_id = `msg_${id.replaceAll('-', '')}`
    const { code: provider_code, error } = fault ?? { code: null, error: null }
    return { ...row, id, message_id, state: fault === null ? 'queued' : 'dead', provider_code, error }
  })
  const { rows } = await tx.query<NotificationRow>(
    `insert into notifications (id, message_id, group_kind, group_id, step, department, channel, recipient, state,
       payload, provider_code, error)
     select id, message_id, $1, $2, $3, department, channel, recipient, state, payload, provider_code, error
       from jsonb_to_recordset($4::jsonb) as (id uuid, message_id text, department text, channel text,
              recipient text, state text, payload jsonb, provider_code text, error text)
     on conflict (group_kind, group_id, step, channel, recipient) do nothing
     returning *`,
    [group.kind, group.id, step, JSON.stringify(list)],
  )
  return rows
}
