import { dirname, isAbsolute, resolve } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { type SchemaFault, type SchemaRule, schemaFault } from '../api/schema-fault.ts'
import { SharpEyesError } from '../errors.ts'
import { type CityConfig, citySchema } from './city.ts'

/**
 * Text of a city file → configuration with absolute paths. Throws `config_invalid` with every fault as
 * `file:line:column: key: what is wrong`. Paths are relative to the file.
 */
export function parseCity(text: string, file: string): CityConfig {
  const config = parseYaml(text, file, citySchema)
  return withAbsolutePaths(config, dirname(resolve(file)))
}

export function parseYaml<T extends z.ZodType>(text: string, file: string, schema: T): z.output<T> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  if (document.errors.length > 0) {
    throw invalid(document.errors.map((e) => `${at(e.pos[0])}: ${e.message}`))
  }
  let content: unknown
  try {
    content = document.toJS()
  } catch (error) {
    // An alias without its anchor, or aliases of aliases without end, are seen only now.
    throw invalid([`${at(0)}: ${(error as Error).message}`])
  }
  const result = schema.safeParse(content)
  if (result.success) return result.data
  const faults = schemaFaults(result.error)
  throw invalid(
    faults.map(({ path, message }) => {
      const node = nodeAt(document.contents, path)
      return `${at(node?.range?.[0] ?? 0)}: ${path.join('.') || 'file'}: ${message}`
    }),
  )
}

export interface Fault {
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** The same as a rule with the values that its words name. */
  readonly rule: SchemaRule
  readonly values: SchemaFault['values']
}

/** Every fault of a schema, of unions those of the branch that came closest. */
export const schemaFaults = (error: z.ZodError): readonly Fault[] =>
  error.issues.flatMap((issue) => explain(issue, []))

function explain(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): Fault[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'unknown key; remove it or correct its spelling',
      rule: 'unknown_key' as const,
      values: { keys: key },
    }))
  }
  // Of a union show the branch that came closest: the one with the fewest faults.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branches = issue.errors.map((errors) => errors.flatMap((e) => explain(e, path)))
    return branches.reduce((best, branch) => (branch.length < best.length ? branch : best))
  }
  const { rule, values } = schemaFault(issue)
  return [{ path, message: issue.message, rule, values }]
}

/** The YAML node of a path; for an unknown key the key itself. */
function nodeAt(root: Node | null, path: readonly PropertyKey[]): Node | null {
  let node: Node | null = root
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      if (!pair) return node
      const isLast = part === path.at(-1)
      node = ((isLast ? pair.key : pair.value) ?? pair.key) as Node
    } else if (isSeq(node)) {
      node = (node.items[Number(part)] ?? node) as Node
    } else return node
  }
  return node
}

const invalid = (faults: string[]) =>
  new SharpEyesError('config_invalid', faults.join('\n'), { details: { faults } })

function withAbsolutePaths(config: CityConfig, folder: string): CityConfig {
  const path = (p: string) => (isAbsolute(p) ? p : resolve(folder, p))
  const source = (url: string) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : path(url))
  return {
    ...config,
    city: config.city.map
      ? { ...config.city, map: { ...config.city.map, file: path(config.city.map.file) } }
      : config.city,
    departments: config.departments.map((d) => ({
      ...d,
      channels: d.channels.map((c) => (c.kind === 'webhook' ? { ...c, secretFile: path(c.secretFile) } : c)),
    })),
    users: config.users.map((u) => ({ ...u, passwordFile: path(u.passwordFile) })),
    sensors: config.sensors.map((s) =>
      s.source === 'hj212' && s.passwordFile !== undefined ? { ...s, passwordFile: path(s.passwordFile) } : s,
    ),
    cameras: config.cameras.map((c) => ({
      ...c,
      url: source(c.url),
      ...(c.credentialsFile === undefined ? {} : { credentialsFile: path(c.credentialsFile) }),
    })),
  }
}
