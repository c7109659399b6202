import { isDeepStrictEqual } from 'node:util'
import { type Actor, hasRole } from '../../core/actor.ts'
import { versionActorKind } from '../../core/config/author.ts'
import { fileForm } from '../../core/config/file-form.ts'
import type {
  ConfigBody,
  ConfigCommands,
  ConfigFault,
  ConfigKind,
  ConfigVersion,
  ConfigView,
  ManyFault,
  RemovedConfig,
} from '../../core/config/objects.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import { guardDesk } from './config-guards.ts'
import { judgeCity, nextPlace } from './config-judge.ts'
import {
  differing,
  LOCK_CONFIG,
  removeConfig,
  type StoredObject,
  storeConfig,
  storeConfigs,
} from './config-store.ts'

const MAX_REASON = 500
/** A person hands over what was the desk's until then, which `apply` never touches; everything else of the file's is its. */
const FROM_FILE = `(managed_by = 'file' and not coalesce(lag(managed_by) over before = 'desk' and lag(body) over before is not null, false))`
/** One statement carries them, and one lock is held for so long. */
const MOST_AT_ONCE = 2_000

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
        from_file: boolean
      }>(
        `select version, body, managed_by, at, actor, reason, ${FROM_FILE} as from_file from config_versions
          where kind = $1 and id = $2 window before as (order by version) order by version desc`,
        [kind, id],
      )
      return rows.map(
        (row): ConfigVersion => ({
          version: row.version,
          body: row.body && fileForm(kind, row.body),
          managedBy: row.managed_by,
          at: row.at.getTime(),
          actor: row.actor,
          actorKind: versionActorKind({ ...row, fromFile: row.from_file }),
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
        mustBeSeen(old, kind, id, version)
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

    async checkMany(kind, changes) {
      return database.transaction(async (tx) => judgeCity(await readAll(tx), kind, changes).faults)
    },

    async saveMany(kind, changes, reason, actor) {
      mustBeAdmin(actor)
      const because = cleanReason(reason)
      if (changes.length > MOST_AT_ONCE)
        throw new SharpEyesError('invalid', `${changes.length} objects at once: at most ${MOST_AT_ONCE}`)
      return database.transaction(async (tx) => {
        await tx.query(LOCK_CONFIG)
        const all = await readAll(tx)
        const known = new Map(all.filter((each) => each.kind === kind).map((each) => [each.id, each]))
        for (const { id, version } of changes) mustBeSeen(known.get(id), kind, id, version)
        const { faults, parsed } = judgeCity(all, kind, changes)
        if (!parsed || faults.length > 0) throw invalidMany(kind, faults)
        const last = await lastVersions(tx, kind)
        let place = nextPlace(all, kind)
        const rows = changes.map(({ id }) => {
          const old = known.get(id)
          const body = parsed.get(id) ?? {}
          const same = old !== undefined && isDeepStrictEqual(old.body, body)
          const position = old?.position ?? place++
          const version = same ? old.version : (last.get(id) ?? 0) + 1
          return { old, same, body, id, position, version }
        })
        await storeConfigs(
          tx,
          kind,
          rows
            .filter(({ same }) => !same)
            .map(({ old, body, id, position, version }) => ({
              ...{ kind, id, position, body, version, managedBy: 'desk' as const },
              ...{ change: old ? ('changed' as const) : ('added' as const) },
              keys: differing(old?.body ?? {}, body),
            })),
          { actor: actor.name, reason: because },
        )
        return rows.map(({ id, body, position, version }) =>
          view({ kind, id, managed_by: 'desk', version, position, body, removed_at: null }),
        )
      })
    },

    async removed(kind) {
      const { rows } = await database.query<{
        id: string
        version: number
        body: ConfigBody
        at: Date
        actor: string
        reason: string
        from_file: boolean
      }>(
        `select o.id, o.version, o.body, v.at, v.actor, v.reason, v.managed_by = 'file' as from_file from config_objects o
           join config_versions v on v.kind = o.kind and v.id = o.id and v.version = o.version
          where o.kind = $1 and o.removed_at is not null order by v.at desc, o.id`,
        [kind],
      )
      return rows.map(
        ({ from_file: fromFile, ...row }): RemovedConfig => ({
          ...row,
          actorKind: versionActorKind({ ...row, fromFile }),
          body: fileForm(kind, row.body),
          at: row.at.getTime(),
        }),
      )
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
    { details: { why: text === '' ? 'reason_needed' : 'text_long', most: MAX_REASON } },
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

async function lastVersions(tx: Queryable, kind: ConfigKind): Promise<ReadonlyMap<string, number>> {
  const { rows } = await tx.query<{ id: string; version: number }>(
    'select id, max(version) as version from config_versions where kind = $1 group by id',
    [kind],
  )
  return new Map(rows.map(({ id, version }) => [id, version]))
}

/** `version` null: it must not exist. */
function mustBeSeen(
  old: StoredObject | undefined,
  kind: ConfigKind,
  id: string,
  version: number | null,
): void {
  if (version !== null) mustBeMine(old, kind, id, version)
  else if (old)
    throw new SharpEyesError('state_conflict', `there is a ${kind} ${id} already; choose another id`, {
      details: { why: 'exists', id, version: old.version, managedBy: old.managed_by },
    })
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
    { details: { why: 'file_managed', version: found.version, managedBy: 'file' } },
  )
}

/** One object. `parsed`: what is stored; null where there are faults, or nothing is to be stored. */
function judge(
  all: readonly StoredObject[],
  kind: ConfigKind,
  id: string,
  body: ConfigBody | null,
  position?: number,
): { faults: readonly ConfigFault[]; parsed: Record<string, unknown> | null } {
  const change = { id, body, ...(position === undefined ? {} : { position }) }
  const { faults, parsed } = judgeCity(all, kind, [change])
  return { faults: faults.map(({ id: _, ...fault }) => fault), parsed: parsed?.get(id) ?? null }
}

const invalid = (kind: ConfigKind, id: string, faults: readonly ConfigFault[]) =>
  new SharpEyesError(
    'config_invalid',
    `${kind} ${id}: ${faults.map(({ path, message }) => `${path || kind}: ${message}`).join('; ')}`,
    { details: { faults } },
  )

/** The first ones by name: a message is read by people. */
const NAMED = 5

const invalidMany = (kind: ConfigKind, faults: readonly ManyFault[]) => {
  const told = faults.slice(0, NAMED).map(({ id, path, message }) => `${id ?? kind}: ${path}: ${message}`)
  const more = faults.length > NAMED ? `; and ${faults.length - NAMED} more` : ''
  return new SharpEyesError('config_invalid', `${told.join('; ')}${more}`, { details: { faults } })
}
