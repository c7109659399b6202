import { isDeepStrictEqual } from 'node:util'
import type { ImportCheck, ImportFault } from '../../core/api/camera-import.ts'
import { bodyOfCsv, type CsvCamera, columnOfPath, readCameraCsv } from '../../core/config/camera-csv.ts'
import type { ConfigCommands, ConfigView, ManyChange } from '../../core/config/objects.ts'

/** What a list would do to the cameras that are there. */
export interface ImportPlan extends ImportCheck {
  /** Of the right lines, in the order of the list. */
  readonly changes: readonly ManyChange[]
}

/** Reads a list against the city as it is now. */
export async function planImport(text: string, commands: ConfigCommands): Promise<ImportPlan> {
  const { lines, cameras, faults } = readCameraCsv(text)
  const known = new Map((await commands.list('camera')).map((camera) => [camera.id, camera]))
  const [ours, theirs] = split(cameras, ({ id }) => known.get(id)?.managedBy !== 'file')
  const found: ImportFault[] = [
    ...faults.map((fault) => ({ ...fault, schema: null })),
    ...theirs.map(({ line, id }) => ({
      line,
      column: 'id' as const,
      code: 'file_managed' as const,
      value: id,
      rule: '',
      schema: null,
    })),
  ]
  const bodies = new Map(
    ours.map((camera) => [camera.id, bodyOfCsv(camera, known.get(camera.id)?.body ?? null)]),
  )
  const changeOf = ({ id }: CsvCamera): ManyChange => ({
    id,
    version: known.get(id)?.version ?? null,
    body: bodies.get(id) ?? {},
  })
  // What the cells alone do not show: the whole city has to be valid with them.
  const wrong = new Set<string>()
  if (ours.length > 0)
    for (const { id, path, message, rule, values } of await commands.checkMany(
      'camera',
      ours.map(changeOf),
    )) {
      const camera = ours.find((each) => each.id === id)
      if (id !== null) wrong.add(id)
      found.push({
        line: camera?.line ?? 1,
        column: camera ? columnOfPath(path) : null,
        ...{ code: 'schema', value: '', rule: camera ? message : `${path}: ${message}` },
        schema: { path, rule, values },
      })
    }
  const right = ours.filter(({ id }) => !wrong.has(id))
  const rows = right.map(({ line, id }) => rowOf(line, bodies.get(id) ?? {}, known.get(id)))
  return {
    lines,
    rows: rows.map((row, i) => ({ ...row, id: right[i]?.id ?? '' })),
    faults: found.sort((a, b) => a.line - b.line),
    changes: right.map(changeOf),
  }
}

function rowOf(
  line: number,
  body: ManyChange['body'],
  old: ConfigView | undefined,
): Omit<ImportCheck['rows'][number], 'id'> {
  const keys = Object.keys(body).filter((key) => !isDeepStrictEqual(plain(body[key]), plain(old?.body[key])))
  return {
    line,
    name: body.name as ImportCheck['rows'][number]['name'],
    change: !old ? 'added' : keys.length > 0 ? 'changed' : 'same',
    version: old?.version ?? null,
    keys: old ? keys : [],
  }
}

/** As JSON keeps it: without keys that are undefined. */
const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value))

function split<T>(items: readonly T[], first: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(first), items.filter((item) => !first(item))]
}
