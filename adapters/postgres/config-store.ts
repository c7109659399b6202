import { isDeepStrictEqual } from 'node:util'
import { writeChange, writeChanges } from '../../core/changes.ts'
import type { CityConfig } from '../../core/config/city.ts'
import type { ConfigBody, ConfigKind, ManagedBy } from '../../core/config/objects.ts'
import { reservedNameFaults } from '../../core/config/reserved-names.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'

export interface ConfigObject {
  readonly kind: ConfigKind
  readonly id: string
  readonly position: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface ConfigChange {
  readonly kind: ConfigKind
  readonly id: string
  readonly change: 'added' | 'changed' | 'removed' | 'kept_by_desk'
  /** Names of the top-level keys that differ. */
  readonly keys: readonly string[]
}

/** A city file as the objects that are stored. Routes have no id of their own: their place is their id. */
export function configObjects(city: CityConfig): readonly ConfigObject[] {
  const list = <T extends object>(
    kind: ConfigKind,
    items: readonly T[],
    id: (item: T, index: number) => string,
  ) =>
    items.map((item, position) => ({
      kind,
      id: id(item, position),
      position,
      body: item as Record<string, unknown>,
    }))
  return [
    { kind: 'city', id: 'city', position: 0, body: city.city },
    ...list('department', city.departments, (d) => d.id),
    ...list('user', city.users, (u) => u.name),
    ...list('camera', city.cameras, (c) => c.id),
    ...list('route', city.routes, (_, index) => `route-${String(index + 1).padStart(3, '0')}`),
    ...list('sensor', city.sensors, (s) => s.id),
  ]
}

export interface StoredObject {
  kind: ConfigKind
  id: string
  managed_by: ManagedBy
  version: number
  position: number
  body: Record<string, unknown>
  removed_at: Date | null
}

/** Of the whole configuration: two changes could each be valid and both together not. */
export const LOCK_CONFIG = 'lock table config_objects in share row exclusive mode'

/**
 * Makes the stored configuration equal to the file: adds, changes and removes what the file manages, in one
 * transaction; what a desk manages is left alone and reported. `write: false` only compares (`apply --diff`). Throws
 * `config_invalid` for a new user whose name reads as the machine.
 */
export async function applyConfig(
  database: Database,
  wanted: readonly ConfigObject[],
  options: { actor: string; reason: string; write: boolean },
): Promise<readonly ConfigChange[]> {
  return database.transaction(async (tx) => {
    await tx.query(LOCK_CONFIG)
    const { rows } = await tx.query<StoredObject>('select * from config_objects')
    const stored = new Map(rows.map((row) => [`${row.kind}/${row.id}`, row]))
    const changes: ConfigChange[] = []
    for (const object of wanted) {
      const old = stored.get(`${object.kind}/${object.id}`)
      stored.delete(`${object.kind}/${object.id}`)
      // Compare what JSON keeps: undefined keys do not reach the database.
      const body = JSON.parse(JSON.stringify(object.body)) as Record<string, unknown>
      if (old && old.managed_by === 'desk' && !old.removed_at) {
        if (!isDeepStrictEqual(old.body, body))
          changes.push({ ...named(object), change: 'kept_by_desk', keys: differing(old.body, body) })
        continue
      }
      const same =
        old && !old.removed_at && isDeepStrictEqual(old.body, body) && old.position === object.position
      if (same) continue
      const change = old && !old.removed_at ? 'changed' : 'added'
      if (change === 'added') refuseReserved(object)
      const keys = differing(old && !old.removed_at ? old.body : {}, body)
      changes.push({ ...named(object), change, keys })
      if (options.write)
        await storeConfig(
          tx,
          { ...object, body, version: (old?.version ?? 0) + 1, managedBy: 'file', change, keys },
          options,
        )
    }
    for (const old of stored.values()) {
      if (old.managed_by !== 'file' || old.removed_at) continue
      changes.push({ kind: old.kind, id: old.id, change: 'removed', keys: [] })
      if (options.write) await removeConfig(tx, old, options)
    }
    return changes
  })
}

function refuseReserved({ kind, id, position }: ConfigObject): void {
  const faults = reservedNameFaults(kind, [id])
  if (faults.length === 0) return
  const text = faults.map(({ path, message }) => `users.${position}.${path}: ${message}`).join('; ')
  throw new SharpEyesError('config_invalid', text, { details: { faults: [...faults] } })
}

const named = ({ kind, id }: ConfigObject) => ({ kind, id })

export const differing = (a: ConfigBody, b: ConfigBody): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !isDeepStrictEqual(a[key], b[key]))

/** Who changes the configuration, and why. */
export interface ConfigAuthor {
  readonly actor: string
  readonly reason: string
}

interface StoredChange extends ConfigObject {
  readonly version: number
  readonly managedBy: ManagedBy
  readonly change: 'added' | 'changed' | 'handed'
  readonly keys: readonly string[]
}

/** Writes an object, its version and its row of the change log. The caller holds `LOCK_CONFIG`. */
export const storeConfig = (tx: Queryable, object: StoredChange, author: ConfigAuthor): Promise<void> =>
  storeConfigs(tx, object.kind, [object], author)

/** As `storeConfig`, of many objects of one kind: three statements, however many they are. */
export async function storeConfigs(
  tx: Queryable,
  kind: ConfigKind,
  objects: readonly StoredChange[],
  { actor, reason }: ConfigAuthor,
): Promise<void> {
  if (objects.length === 0) return
  const rows = JSON.stringify(
    objects.map(({ id, managedBy, version, position, body }) => ({ id, managedBy, version, position, body })),
  )
  await tx.query(
    `insert into config_objects (kind, id, managed_by, version, position, body)
     select $1, row ->> 'id', row ->> 'managedBy', (row ->> 'version')::int, (row ->> 'position')::int, row -> 'body'
       from jsonb_array_elements($2::jsonb) as list (row)
     on conflict (kind, id) do update
       set managed_by = excluded.managed_by, version = excluded.version, position = excluded.position,
           body = excluded.body, removed_at = null`,
    [kind, rows],
  )
  await tx.query(
    `insert into config_versions (kind, id, version, body, managed_by, actor, reason)
     select $1, row ->> 'id', (row ->> 'version')::int, row -> 'body', row ->> 'managedBy', $3, $4
       from jsonb_array_elements($2::jsonb) as list (row)`,
    [kind, rows, actor, reason],
  )
  await writeChanges(
    tx,
    objects.map(({ id, version, managedBy, change, keys }) => ({
      topic: 'config',
      key: `${kind}/${id}`,
      payload: { change, version, managedBy, keys, actor, reason },
    })),
  )
}

/** As `storeConfig`, for an object that leaves. */
export async function removeConfig(
  tx: Queryable,
  old: StoredObject,
  { actor, reason }: ConfigAuthor,
): Promise<void> {
  const version = old.version + 1
  await tx.query('update config_objects set removed_at = now(), version = $3 where kind = $1 and id = $2', [
    old.kind,
    old.id,
    version,
  ])
  await tx.query(
    `insert into config_versions (kind, id, version, body, managed_by, actor, reason) values ($1, $2, $3, null, $4, $5, $6)`,
    [old.kind, old.id, version, old.managed_by, actor, reason],
  )
  await writeChange(tx, {
    topic: 'config',
    key: `${old.kind}/${old.id}`,
    payload: { change: 'removed', version, managedBy: old.managed_by, keys: [], actor, reason },
  })
}

/** What is configured now, in order of the file. */
export async function readConfig<T>(
  database: Queryable,
  kind: ConfigKind,
): Promise<readonly { id: string; version: number; body: T }[]> {
  const { rows } = await database.query<{ id: string; version: number; body: T }>(
    'select id, version, body from config_objects where kind = $1 and removed_at is null order by position, managed_by, id',
    [kind],
  )
  return rows
}
