import { citySchema } from '../../core/config/city.ts'
import { fileForm } from '../../core/config/file-form.ts'
import type { ConfigBody, ConfigKind, ManyFault } from '../../core/config/objects.ts'
import { schemaFaults } from '../../core/config/parse.ts'
import { reservedNameFaults } from '../../core/config/reserved-names.ts'
import type { StoredObject } from './config-store.ts'

/** Where the objects of a kind are in the city file, and what names one there. */
const PLACES = {
  city: { key: 'city', id: null },
  department: { key: 'departments', id: 'id' },
  user: { key: 'users', id: 'name' },
  camera: { key: 'cameras', id: 'id' },
  route: { key: 'routes', id: null },
  sensor: { key: 'sensors', id: 'id' },
} as const satisfies Record<ConfigKind, { key: string; id: string | null }>

/** A new route goes before the last one, which has no condition: at one place the desk's come before the file's. */
export function nextPlace(all: readonly StoredObject[], kind: ConfigKind): number {
  const places = all.filter((each) => each.kind === kind).map((each) => each.position)
  if (places.length === 0) return 0
  return kind === 'route' ? Math.max(...places) : Math.max(...places) + 1
}

/** As every reader orders them. */
const inOrder = (a: StoredObject, b: StoredObject): number =>
  a.position - b.position || compare(a.managed_by, b.managed_by) || compare(a.id, b.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** One object with its change; `body` null: without it. `position`: of a route. */
interface Change {
  readonly id: string
  readonly body: ConfigBody | null
  readonly position?: number
}

/**
 * The whole city with the changes in it, judged once. `parsed`: what is stored of each, by id; null where there are
 * faults. A fault that is in none of the changed objects has `id` null and its whole path.
 */
export function judgeCity(
  all: readonly StoredObject[],
  kind: ConfigKind,
  changes: readonly Change[],
): { faults: readonly ManyFault[]; parsed: ReadonlyMap<string, Record<string, unknown>> | null } {
  const { key, id: idKey } = PLACES[kind]
  const named = changes.flatMap(({ id, body }): ManyFault[] =>
    body && idKey !== null && body[idKey] !== id
      ? [
          {
            ...{ id, path: idKey, message: `"${String(body[idKey])}" is not the object's id "${id}"` },
            ...{ rule: 'id_differs', values: { id } },
          },
        ]
      : [],
  )
  if (named.length > 0) return { faults: named, parsed: null }
  const changed = new Map(changes.map((change) => [change.id, change]))
  const old = new Map(all.filter((each) => each.kind === kind).map((each) => [each.id, each]))
  const added = changes.filter(({ id, body }) => body && !old.has(id)).map(({ id }) => id)
  const reserved = reservedNameFaults(kind, added)
  if (reserved.length > 0) return { faults: reserved, parsed: null }
  let place = nextPlace(all, kind)
  const objects = [
    ...all
      .filter((each) => !(each.kind === kind && changed.has(each.id)))
      .map((each) => ({ ...each, body: fileForm(each.kind, each.body), mine: false })),
    ...changes.flatMap(({ id, body, position }) =>
      body === null
        ? []
        : [
            {
              ...{ kind, id, managed_by: 'desk' as const, version: 0, removed_at: null },
              position: position ?? old.get(id)?.position ?? place++,
              ...{ body: { ...body } as ConfigBody, mine: true },
            },
          ],
    ),
  ].sort(inOrder)
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
  const ofKind = list(kind)
  const result = citySchema.safeParse(file)
  if (!result.success) {
    const faults = schemaFaults(result.error).map(({ path, ...said }): ManyFault => {
      const parts = path.map(String)
      const object = parts[0] !== key ? undefined : kind === 'city' ? ofKind[0] : ofKind[Number(parts[1])]
      if (!object?.mine) return { id: null, path: parts.join('.'), ...said }
      return { id: object.id, path: parts.slice(kind === 'city' ? 1 : 2).join('.'), ...said }
    })
    return { faults, parsed: null }
  }
  const parsed = new Map<string, Record<string, unknown>>()
  ofKind.forEach((object, index) => {
    if (!object.mine) return
    const value = kind === 'city' ? result.data.city : result.data[PLACES[kind].key][index]
    // What JSON keeps. A person of the desk has no password file.
    const kept = JSON.parse(JSON.stringify(value)) as Record<string, unknown>
    if (kind === 'user' && object.body.passwordFile === undefined) delete kept.passwordFile
    parsed.set(object.id, kept)
  })
  return { faults: [], parsed }
}
