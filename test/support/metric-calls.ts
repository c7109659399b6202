import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const FOLDERS = ['core', 'ingest', 'inference', 'alerts', 'dashboard-api', 'adapters', 'app']
const SKIPPED = new Set(['node_modules', 'web', 'bench'])

export interface MetricCall {
  readonly file: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  /** Keys that the call writes out; null: they come from a variable. */
  readonly labels: readonly string[] | null
}

const KINDS = { count: 'counter', gauge: 'gauge', sampled: 'gauge', observe: 'histogram' } as const
const CALL =
  /\b(count|gauge|sampled|observe)\(\s*(?:'([a-z][a-z0-9_]*)'|([^\s'),][^),]*))\s*(?:,\s*(\{[^}]*\}|[A-Za-z_.]+))?/g

/** Every place in our sources that counts something, by their text. */
export function metricCalls(): readonly MetricCall[] {
  return FOLDERS.flatMap((folder) => [...sources(join(ROOT, folder))]).flatMap(callsIn)
}

/** Calls on `metrics` whose name is no literal: nobody could say whether it is documented. */
export function namelessCalls(): readonly string[] {
  return FOLDERS.flatMap((folder) => [...sources(join(ROOT, folder))]).flatMap((file) =>
    [
      ...readFileSync(file, 'utf8').matchAll(
        /metrics\??\.(?:count|gauge|sampled|observe)\(\s*(?!')([^\s,)]+)/g,
      ),
    ].map((match) => `${relative(ROOT, file)}: ${match[1]}`),
  )
}

function callsIn(file: string): MetricCall[] {
  const text = readFileSync(file, 'utf8')
  if (!text.includes('etrics')) return []
  return [...text.matchAll(CALL)].flatMap((match) => {
    const [, verb, name, , labels] = match
    if (name === undefined) return []
    return [
      { file: relative(ROOT, file), kind: KINDS[verb as keyof typeof KINDS], name, labels: keysOf(labels) },
    ]
  })
}

/** `{ camera, code: error.code }` → camera, code. A spread or a variable says nothing about its keys. */
function keysOf(literal: string | undefined): readonly string[] | null {
  if (literal === undefined) return []
  if (!literal.startsWith('{') || literal.includes('...')) return null
  return literal
    .slice(1, -1)
    .split(',')
    .map((part) => part.split(':')[0]?.trim() ?? '')
    .filter((key) => key !== '')
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (entry.name.endsWith('.ts')) yield path
  }
}
