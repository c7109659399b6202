import { CATALOGUE, HAZARD_TYPES, type HazardType } from '../../core/catalogue.ts'

/**
 * A made-up city's messages as one statement a day: the same for the same seed. A few sources have most of the hazards,
 * two thirds of them fall between six and ten of the evening of UTC+8, a hazard lasts some minutes (a message every
 * 30 s), and what a message carries weighs what a real one without a picture does: about 0.9 kB a row with its columns.
 */

/** How often a type comes, of 40: most are found by pixels or supervision alone, so their messages name no detections. */
const WEIGHTS: Partial<Record<HazardType, number>> = {
  object_left: 12,
  plume: 6,
  after_hours_motion: 5,
  lane_blocked: 5,
  camera_offline: 4,
  camera_covered: 2,
  crowding: 2,
  smoke: 2,
  camera_frozen: 1,
  fire: 1,
}
const CAMERA_TYPES = HAZARD_TYPES.flatMap((type) => Array.from({ length: WEIGHTS[type] ?? 0 }, () => type))
const ZONES = ['gate', 'road', 'sky', 'yard']
/** Messages of a hazard: start, end, and a mean of so many updates. */
const MEAN_UPDATES = 12
/** What comes out of the distribution below, midnight taken into account. */
export const MESSAGES_PER_HAZARD = 13.3

const list = (words: readonly (string | number)[]) =>
  `array[${words.map((word) => (typeof word === 'number' ? word : `'${word}'`)).join(', ')}]`
/** A number in [0, 1) of hazard `h`, another for each `salt`. */
const random = (salt: number) => `((hashint8extended(h, $4 + ${salt}) & 2147483647)::float8 / 2147483648)`
const picked = (words: readonly string[], index: string) => `(${list(words)})[1 + ${index}]`
const labelled = HAZARD_TYPES.filter((type) => CATALOGUE[type].needs.kind === 'labels')

/** $1 first moment of the day · $2 hazards · $3 last moment · $4 seed · $5 cameras · $6 sensors. */
export const insertDay = (table: string): string => `
insert into ${table} (at, received_at, event_id, epoch, seq, kind, source_kind, source_id, type, zone, severity, state)
with hazards as materialized (
  select h, floor(power(${random(1)}, 1.7) * ($5::int + $6::int))::int as source, ${random(2)} as r2, ${random(3)} as r3,
         case when ${random(4)} < 0.7 then 79200 + ${random(5)} * 57600 else ${random(5)} * 86400 end as second,
         2 + floor(-ln(1 - ${random(6)}) * ${MEAN_UPDATES})::int as messages, ${random(7)} as score
    from generate_series($2::bigint * extract(epoch from $1::timestamptz)::bigint / 86400,
                         $2::bigint * (extract(epoch from $1::timestamptz)::bigint / 86400 + 1) - 1) as h
), placed as materialized (
  select *, $1::timestamptz + (second::numeric % 86400) * interval '1 second' as start, source >= $5::int as sensor,
         (source * 7 + floor(r2 * 3)::int * 5) % ${CAMERA_TYPES.length} as kind_of
    from hazards
), named as materialized (
  select *, case when sensor then 'exceedance' else ${picked(CAMERA_TYPES, 'kind_of')} end as type,
         case when sensor then 'sensor' else 'camera' end as source_kind,
         case when sensor or r3 < 0.25 then null else ${picked(ZONES, `(source + kind_of) % ${ZONES.length}`)} end as zone,
         case when sensor then 'pm-' || lpad((source - $5::int)::text, 4, '0') else 'cam-' || lpad(source::text, 5, '0') end as source_id,
         (lpad(to_hex((extract(epoch from start) * 1000)::bigint), 12, '0') || '7' || substr(md5(h::text || $4), 1, 3)
           || '8' || substr(md5(h::text || $4), 4, 15))::uuid as event_id
    from placed
), told as materialized (
  select h, event_id, source_kind, source_id, type, zone, (${severities()} ->> type)::smallint as severity, r2, r3, ${state()} as state
    from named
), rows as materialized (
  select h, m as place, date_trunc('milliseconds', start + m * interval '30 seconds' + r3 * interval '1 second') as at,
         case m when 0 then 'start' when messages - 1 then 'end' else 'update' end as kind
    from named cross join lateral generate_series(0, messages - 1) as m
   where start + m * interval '30 seconds' + r3 * interval '1 second' < least($3::timestamptz, $1::timestamptz + interval '1 day')
   order by at
)
select at, at + interval '400 milliseconds', event_id, 1, place + 1, kind, source_kind, source_id, type, zone, severity,
       state || jsonb_build_object('lastSeenAt', (extract(epoch from at) * 1000)::bigint,
         'endedAt', case when kind = 'end' then (extract(epoch from at) * 1000)::bigint end,
         'endReason', case when kind = 'end' then 'gone' end,
         'measured', jsonb_build_object('stillMs', place * 30000 + 417, 'coverage', trunc(r3 * 9999)::int / 10000.0))
  from rows join told using (h)`

function severities(): string {
  const facts = Object.fromEntries(HAZARD_TYPES.map((type) => [type, CATALOGUE[type].severity]))
  return `'${JSON.stringify(facts)}'::jsonb`
}

/** core HazardEvent of a hazard; what changes from message to message is laid over it. */
function state(): string {
  const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`
  const fraction = (sql: string) => `trunc((${sql}) * 9999)::int / 10000.0`
  const box = `jsonb_build_array(${['r2 * 0.6', 'r3 * 0.6', 'r2 * 0.6 + 0.2', 'r3 * 0.6 + 0.3'].map(fraction).join(', ')})`
  const seen = `jsonb_build_object('label', 'vehicle', 'score', ${fraction('score')}, 'box', ${box})`
  const isLabelled = `type = any(${list(labelled)})`
  return `jsonb_build_object('id', event_id, 'source', jsonb_build_object('kind', source_kind, 'id', source_id),
    'type', type, 'zone', zone, 'rule', jsonb_build_object('id', type, 'version', type || '/1'), 'severity', (${severities()} ->> type)::int,
    'since', ${ms('start')} - 10000, 'startedAt', ${ms('start')},
    'clock', jsonb_build_object('kind', 'arrival', 'errorMs', 200), 'score', ${fraction('score')}, 'peakScore', ${fraction('0.5 + score / 2')},
    'box', case when sensor then null else ${box} end,
    'detections', case when ${isLabelled} then jsonb_build_array(${seen}) else '[]'::jsonb end,
    'thresholds', jsonb_build_object('forMs', 10000, 'coverage', 0.2),
    'model', case when ${isLabelled} then '{"id": "street-s1", "family": "yolov8", "sha256": "${'5c'.repeat(32)}"}'::jsonb end,
    'still', null)`
}

/** $1 first moment of the day · $2 last moment · $3 devices · $4 seed · $5 seconds between two readings. Four factors each. */
export const insertReadingsDay = (table: string): string => `
insert into ${table} (at, received_at, device, factor, period, statistic, value, flag, message_id)
select at, at + interval '2 seconds', 'MN' || lpad(device::text, 12, '0'), factor, 'instant', 'value',
       round((base * (1 + 0.4 * sin(extract(epoch from at) / 13751)) + base * 0.2 * ${random(1)})::numeric, 3)::float8,
       case when ${random(2)} < 0.01 then 'D' else 'N' end, md5(device::text || extract(epoch from at)::text)
  from (select at, device, factor, base, hashint8extended(hashint8extended(device, extract(epoch from at)::bigint), base) as h
          from generate_series($1::timestamptz, least($2::timestamptz, $1::timestamptz + interval '1 day') - interval '1 millisecond',
                               make_interval(secs => $5)) as at,
               generate_series(1, $3::int) as device, (values ('a34004', 35), ('a34002', 70), ('a21026', 12), ('LA', 55)) as factors (factor, base)) as grid
 order by at`
