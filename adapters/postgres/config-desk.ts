import { isDeepStrictEqual } from 'node:util'
import { type Actor, hasRole } from '../../core/actor.ts'
import { citySchema } from '../../core/config/city.ts'
import { fileForm } from '../../core/config/file-form.ts'
import type {
  ConfigBody,
  ConfigCommands,
  ConfigFault,
  ConfigKind,
  ConfigVersion,
  ConfigView,
} from '../../core/config/objects.ts'
import { schemaFaults } from '../../core/config/parse.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database, Queryable } from '../../core/ports.ts'
import { guardDesk } from './config-guards.ts'
import { differing, LOCK_CONFIG, removeConfig, type StoredObject, storeConfig } from './config-store.ts'

/** Where the objects of a kind are in the city file, and what names one there. */
const PLACES = {
  city: { key: 'city', id: null },
  department: { key: 'departments', id: 'id' },
  user: { key: 'users', id: 'name' },
  camera: { key: 'cameras', id: 'id' },
  route: { key: 'routes', id: null },
  sensor: { key: 'sensors', id: 'id' },
} as const satisfies Record<ConfigKind, { key: string; id: string | null }>

const MAX_REASON = 500

/** The desk's side of the configuration; `config-store` is the file's. */
export function createConfigCommands({ database }: { readonly database: Database }): ConfigCommands {
  return {
    async list(kind) {
      const { rows } = await database.query<StoredObject>(
        'select * from config_objects where kind = $1 and removed_at is null order by position, managed_by, id',
        [kind],
      )
      return rows.map(view)
    },

    async versions(kind, id) {
      const { rows } = await database.query<{
        version: number
        body: ConfigBody | null
        managed_by: 'file' | 'desk'
        at: Date
        actor: string
        reason: string
      }>(
        `select version, body, managed_by, at, actor, reason from config_versions
          where kind = $1 and id = $2 order by version desc`,
        [kind, id],
      )
      return rows.map(
        (row): ConfigVersion => ({
          version: row.version,
          body: row.body && fileForm(kind, row.body),
          managedBy: row.managed_by,
          at: row.at.getTime(),
          actor: row.actor,
          reason: row.reason,
        }),
      )
    },

    async check(kind, id, body) {
      return database.transaction(async (tx) => judge(await readAll(tx), kind, id, body).faults)
    },

    async save(kind, id, { version, body, reason, position }, actor) {
      mustBeAdmin(actor)
      const because = cleanReason(reason)
      return database.transaction(async (tx) => {
        await tx.query(LOCK_CONFIG)
        const all = await readAll(tx)
        const old = find(all, kind, id)
        if (version === null && old)
          throw new SharpEyesError('state_conflict', `there is a ${kind} ${id} already; choose another id`, {
            details: { version: old.version, managedBy: old.managed_by },
          })
        if (version !== null) mustBeMine(old, kind, id, version)
        const place = position ?? old?.position ?? nextPlace(all, kind)
        const { faults, parsed } = judge(all, kind, id, body, place)
        if (!parsed || faults.length > 0) throw invalid(kind, id, faults)
        if (old && isDeepStrictEqual(old.body, parsed) && old.position === place) return view(old)
        await guardDesk(tx, all, { kind, id, body: parsed }, actor)
        const removed = await lastVersion(tx, kind, id)
        const stored: StoredObject = {
          ...{ kind, id, managed_by: 'desk', version: removed + 1, position: place },
          ...{ body: parsed, removed_at: null },
        }
        await storeConfig(
          tx,
          {
            ...{ kind, id, position: place, body: parsed, version: stored.version, managedBy: 'desk' },
            ...{ change: old ? 'changed' : 'added', keys: differing(old?.body ?? {}, parsed) },
          },
          { actor: actor.name, reason: because },
        )
        return view(stored)
      })
    },

    async remove(kind, id, { version, reason }, actor) {
      mustBeAdmin(actor)
      const because = cleanReason(reason)
      await database.transaction(async (tx) => {
        await tx.query(LOCK_CONFIG)
        const all = await readAll(tx)
        const old = mustBeMine(find(all, kind, id), kind, id, version)
        const { faults } = judge(
          all.filter((each) => each !== old),
          kind,
          id,
          null,
        )
        if (faults.length > 0) throw invalid(kind, id, faults)
        await guardDesk(tx, all, { kind, id, body: null }, actor)
        await removeConfig(tx, old, { actor: actor.name, reason: because })
      })
    },

    async hand(kind, id, { version, to, reason }, actor) {
      mustBeAdmin(actor)
      const because = cleanReason(reason)
      return database.transaction(async (tx) => {
        await tx.query(LOCK_CONFIG)
        const old = mustBeAt(find(await readAll(tx), kind, id), kind, id, version)
        if (old.managed_by === to) return view(old)
        const next = { ...old, managed_by: to, version: old.version + 1 }
        await storeConfig(
          tx,
          {
            ...{ kind, id, position: old.position, body: old.body, version: next.version, managedBy: to },
            ...{ change: 'handed', keys: [] },
          },
          { actor: actor.name, reason: because },
        )
        return view(next)
      })
    },
  }
}

const view = (row: StoredObject): ConfigView => ({
  kind: row.kind,
  id: row.id,
  managedBy: row.managed_by,
  version: row.version,
  position: row.position,
  body: fileForm(row.kind, row.body),
})

function mustBeAdmin(actor: Actor): void {
  if (hasRole(actor, 'admin')) return
  throw new SharpEyesError('forbidden', `only an admin may change the configuration; ${actor.name} is none`)
}

function cleanReason(reason: string): string {
  const text = reason.trim()
  if (text !== '' && text.length <= MAX_REASON && !text.includes('\0')) return text
  throw new SharpEyesError(
    'invalid',
    `reason: say in 1 to ${MAX_REASON} characters why, so that the next one understands`,
  )
}

async function readAll(tx: Queryable): Promise<readonly StoredObject[]> {
  const { rows } = await tx.query<StoredObject>(
    'select * from config_objects where removed_at is null order by position, managed_by, id',
  )
  return rows
}

const find = (all: readonly StoredObject[], kind: ConfigKind, id: string): StoredObject | undefined =>
  all.find((each) => each.kind === kind && each.id === id)

/** A removed object that comes again goes on counting. */
async function lastVersion(tx: Queryable, kind: ConfigKind, id: string): Promise<number> {
  const { rows } = await tx.query<{ version: number | null }>(
    'select max(version) as version from config_versions where kind = $1 and id = $2',
    [kind, id],
  )
  return rows[0]?.version ?? 0
}

function mustBeAt(
  old: StoredObject | undefined,
  kind: ConfigKind,
  id: string,
  version: number,
): StoredObject {
  if (!old) throw new SharpEyesError('not_found', `there is no ${kind} ${id}`)
  if (old.version === version) return old
  throw new SharpEyesError(
    'version_conflict',
    `${kind} ${id} is at version ${old.version}, the change is for version ${version}: read it again`,
    { details: { version: old.version, managedBy: old.managed_by, body: fileForm(kind, old.body) } },
  )
}

function mustBeMine(
  old: StoredObject | undefined,
  kind: ConfigKind,
  id: string,
  version: number,
): StoredObject {
  const found = mustBeAt(old, kind, id, version)
  if (found.managed_by === 'desk') return found
  throw new SharpEyesError(
    'state_conflict',
    `${kind} ${id} is managed by the city file: change it there and run "sharp-eyes apply", or take it over to the desk first`,
    { details: { version: found.version, managedBy: 'file' } },
  )
}

/** A new route goes before the last one, which has no condition: at one place the desk's come before the file's. */
function nextPlace(all: readonly StoredObject[], kind: ConfigKind): number {
  const places = all.filter((each) => each.kind === kind).map((each) => each.position)
  if (places.length === 0) return 0
  return kind === 'route' ? Math.max(...places) : Math.max(...places) + 1
}

/** As every reader orders them. */
const inOrder = (a: StoredObject, b: StoredObject): number =>
  a.position - b.position || compare(a.managed_by, b.managed_by) || compare(a.id, b.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The whole city with the change in it; `body` null: without the object. `parsed`: what is stored. */
function judge(
  all: readonly StoredObject[],
  kind: ConfigKind,
  id: string,
  body: ConfigBody | null,
  position?: number,
): { faults: readonly ConfigFault[]; parsed: Record<string, unknown> | null } {
  const { key, id: idKey } = PLACES[kind]
  if (body && idKey !== null && body[idKey] !== id) {
    const message = `"${String(body[idKey])}" is not the object's id "${id}"`
    return { faults: [{ path: idKey, message }], parsed: null }
  }
  const old = find(all, kind, id)
  const objects = all
    .filter((each) => each !== old)
    .map((each) => ({ ...each, body: fileForm(each.kind, each.body), mine: false }))
  if (body) {
    const place = position ?? old?.position ?? nextPlace(all, kind)
    objects.push({
      ...{ kind, id, managed_by: 'desk', version: 0, position: place, removed_at: null },
      ...{ body: { ...body }, mine: true },
    })
    objects.sort(inOrder)
  }
  const list = (of: ConfigKind) => objects.filter((each) => each.kind === of)
  const file = {
    city: list('city')[0]?.body ?? { name: '-' },
    ...Object.fromEntries(
      (['department', 'user', 'camera', 'route', 'sensor'] as const).map((of) => [
        PLACES[of].key,
        list(of).map((each) => (of === 'user' ? { passwordFile: '-', ...each.body } : each.body)),
      ]),
    ),
  }
  const index = list(kind).findIndex((each) => each.mine)
  const prefix = kind === 'city' ? 'city' : `${key}.${index}`
  const result = citySchema.safeParse(file)
  if (!result.success) {
    const faults = schemaFaults(result.error).map(({ path, message }) => {
      const full = path.map(String).join('.')
      const within =
        full === prefix ? '' : full.startsWith(`${prefix}.`) ? full.slice(prefix.length + 1) : null
      return { path: within ?? full, message }
    })
    return { faults, parsed: null }
  }
  if (!body) return { faults: [], parsed: null }
  const parsed = kind === 'city' ? result.data.city : result.data[PLACES[kind].key][index]
  // What JSON keeps. A person of the desk has no password file.
  const kept = JSON.parse(JSON.stringify(parsed)) as Record<string, unknown>
  if (kind === 'user' && body.passwordFile === undefined) delete kept.passwordFile
  return { faults: [], parsed: kept }
}

const invalid = (kind: ConfigKind, id: string, faults: readonly ConfigFault[]) =>
  new SharpEyesError(
    'config_invalid',
    `${kind} ${id}: ${faults.map(({ path, message }) => `${path || kind}: ${message}`).join('; ')}`,
    { details: { faults } },
  )
