import type { EpochMs } from '../../core/units.ts'

/** What a replay tells of. */
export interface ReplayScope {
  readonly cases: readonly string[]
  readonly alerts: readonly string[]
  /** Events of this alert alone; null: all events of the source in the span. */
  readonly onlyAlert: string | null
  /** `kind` null: whatever has this id. Null: nothing is known of a source. */
  readonly source: { readonly kind: string | null; readonly id: string } | null
  /** Of events, looks at the camera and coverage; of a place of everything. `to` null: until now. */
  readonly span: { readonly from: EpochMs; readonly to: EpochMs | null } | null
}

/** How a page is cut, the same in every branch: each reads no more than the page can take. */
export interface Cut {
  readonly param: (value: unknown) => string
  readonly limit: string
  /** `at` as SQL, `key` as it is. */
  readonly after: { readonly at: string; readonly rank: number; readonly key: string } | null
}

export interface Wanted {
  readonly updates: boolean
  readonly looks: boolean
  readonly coverage: boolean
}

/**
 * One select a log, with the columns (at, rank, key, what, body). Of what happened in the same microsecond the cause
 * comes before what it led to: that is the rank.
 */
export function branchesOf(scope: ReplayScope, cut: Cut, wanted: Wanted): string[] {
  const { param } = cut
  const { source, span } = scope
  const place = scope.onlyAlert === null && source !== null
  const within = (column: string): string =>
    span === null
      ? 'true'
      : `${column} >= ${param(new Date(span.from))}${span.to === null ? '' : ` and ${column} < ${param(new Date(span.to))}`}`
  /** A case is told whole, a place within its span. */
  const cutTo = (column: string): string => (place ? within(column) : 'true')
  const branches: string[] = []
  const add = (rank: number, what: string, sql: string): void => {
    branches.push(branch(rank, what, sql, cut))
  }
  const alerts = param(scope.alerts)
  const cases = param(scope.cases)

  if (source !== null && span !== null && wanted.coverage && source.kind !== 'sensor')
    add(0, 'coverage', coverage(param(source.id), span, param))
  if (source !== null)
    add(
      1,
      'event',
      events(param(source.id), scope.onlyAlert && param(scope.onlyAlert), within, wanted.updates),
    )
  add(2, 'alert', alertFacts(alerts, cutTo))
  add(3, 'alert', alertLog(alerts, cutTo, wanted.updates))
  add(
    4,
    'case',
    `select at, case_no || '/' || seq as key,
            jsonb_build_object('case', case_no, 'seq', seq, 'kind', kind, 'actor', actor, 'actorKind', actor_kind,
              'role', role, 'from', from_state, 'to', to_state, 'reason', reason, 'data', data) as body
       from follow_ups where case_no = any(${cases}::text[]) and ${cutTo('at')}`,
  )
  const groups = `(n.group_kind = 'case' and n.group_id = any(${cases}::text[])
       or n.group_kind = 'alert' and n.group_id = any(${alerts}::text[]))`
  add(
    5,
    'notification',
    `select n.created_at as at, n.id::text as key, ${notification("'queued'", 'null', 'null', 'null', 'null', 'null')} as body
       from notifications n where ${groups} and ${cutTo('n.created_at')}`,
  )
  add(
    6,
    'notification',
    `select t.at, n.id || '/' || t.attempt as key,
            ${notification("'attempt'", 't.attempt', 't.outcome', 't.code', 't.error', 't.duration_ms')} as body
       from notifications n join notification_attempts t on t.notification_id = n.id
      where ${groups} and ${cutTo('t.at')}`,
  )
  if (wanted.looks) add(7, 'look', looks(scope, cases, param, cutTo))
  return branches
}

function branch(rank: number, what: string, sql: string, { limit, after, param }: Cut): string {
  const key = 'key collate "C"'
  const later =
    after === null
      ? 'true'
      : rank > after.rank
        ? `at >= ${after.at}`
        : rank < after.rank
          ? `at > ${after.at}`
          : `at >= ${after.at} and (at, ${key}) > (${after.at}, ${param(after.key)})`
  return `(select at, ${rank} as rank, key, '${what}' as what, body from (${sql}) as log
            where ${later} order by at, ${key} limit ${limit})`
}

type Within = (column: string) => string

function events(source: string, alert: string | null, within: Within, updates: boolean): string {
  const ofAlert =
    alert === null
      ? ''
      : `and exists (select from event_state s where s.event_id = e.event_id and s.alert_id = ${alert}::uuid)`
  return `select e.at, e.event_id || '/' || e.epoch || '.' || e.seq as key,
          jsonb_build_object('event', e.event_id, 'kind', e.kind, 'source', jsonb_build_object('kind', e.source_kind, 'id', e.source_id),
            'type', e.type, 'zone', e.zone, 'severity', e.severity, 'state', e.state) as body
     from events e where e.source_id = ${source} and ${within('e.at')} ${updates ? '' : "and e.kind <> 'update'"} ${ofAlert}`
}

/** Intervals that reach into the span; none is longer than a day. What is told of one begins in the span. */
function coverage(
  camera: string,
  { from, to }: NonNullable<ReplayScope['span']>,
  param: Cut['param'],
): string {
  const start = param(new Date(from))
  return `select greatest(from_at, ${start}::timestamptz) as at, id::text as key,
          jsonb_build_object('camera', camera, 'worker', worker, 'epoch', epoch, 'from', from_at, 'to', to_at, 'state', state,
            'model', model, 'unavailable', unavailable) as body
     from coverage where camera = ${camera} and from_at > ${start}::timestamptz - interval '2 days' and to_at > ${start}
      ${to === null ? '' : `and from_at < ${param(new Date(to))}`}`
}

/**
 * What the row of an alert itself keeps. The change log is kept for some months only: what it no longer tells comes from
 * here, and nothing comes twice.
 */
function alertFacts(alerts: string, within: Within): string {
  const fact = (step: string, at: string, actor = 'null', inLog = true): string =>
    `select ${at} as at, a.id || '/${step}' as key,
            jsonb_build_object('alert', a.id, 'step', '${step}', 'actor', ${actor}, 'state', null, 'severity', a.severity,
              'verdict', ${step === 'verdict' ? 'a.verdict' : 'null'}, 'reason', ${step === 'verdict' ? 'coalesce(a.verdict_note, a.verdict_reason)' : 'null'}) as body
       from alerts a where a.id = any(${alerts}::uuid[]) and ${at} is not null and ${within(at)}
        ${
          inLog
            ? `and not exists (select from changes c where c.topic = 'alert' and c.key = a.id::text and c.payload ->> 'kind' = '${step}')`
            : ''
        }`
  return [
    fact('began', 'a.since', 'null', false),
    fact('opened', 'a.opened_at'),
    fact('acknowledged', 'a.acknowledged_at', 'a.acknowledged_by'),
    fact('verdict', 'a.verdict_at', 'a.verdict_by'),
    fact('resolved', 'a.resolved_at'),
  ].join('\n union all \n')
}

function alertLog(alerts: string, within: Within, updates: boolean): string {
  return `select c.at, c.id::text as key,
          jsonb_build_object('alert', c.key, 'step', c.payload ->> 'kind', 'actor', c.payload -> 'actor', 'state', c.payload -> 'state',
            'severity', c.payload -> 'severity', 'verdict', c.payload -> 'verdict', 'reason', c.payload -> 'verdictReason') as body
     from changes c where c.topic = 'alert' and c.key = any(${alerts}::text[]) and ${within('c.at')}
      ${updates ? '' : "and c.payload ->> 'kind' <> 'updated'"}`
}

const notification = (
  kind: string,
  attempt: string,
  outcome: string,
  code: string,
  error: string,
  durationMs: string,
): string =>
  `jsonb_build_object('notification', n.id, 'messageId', n.message_id, 'kind', ${kind},
     'group', jsonb_build_object('kind', n.group_kind, 'id', n.group_id), 'step', n.step, 'department', n.department,
     'channel', n.channel, 'recipient', n.recipient, 'attempt', ${attempt}, 'outcome', ${outcome}, 'code', ${code},
     'error', ${error}, 'durationMs', ${durationMs})`

/** At the pictures of the alerts and cases; at the camera in a place's span, or for the case. */
function looks(
  { alerts, cases: numbers, source, onlyAlert }: ReplayScope,
  cases: string,
  param: Cut['param'],
  within: Within,
): string {
  const objects = [...alerts.map((id) => `alert:${id}`), ...numbers.map((no) => `case:${no}`)]
  const camera = source === null ? null : param(`camera:${source.id}`)
  const atCamera =
    camera === null
      ? ''
      : onlyAlert === null
        ? `or object = ${camera}`
        : `or (object = ${camera} and case_no = any(${cases}::text[]))`
  return `select at, id::text as key,
          jsonb_build_object('who', who, 'kind', what, 'object', object, 'purpose', purpose, 'case', case_no, 'reason', reason) as body
     from looks where (object = any(${param(objects)}::text[]) ${atCamera}) and ${within('at')}`
}
