import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

// The folder list is the architecture: docs/design.md has the table, this test holds the code to it.
const ROOT = resolve(import.meta.dirname, '..')
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  adapters: ['core'],
  ingest: ['core'],
  inference: ['core'],
  alerts: ['core'],
  'dashboard-api': ['core'],
  'dashboard-api/web': ['core'],
  deploy: ['core', 'adapters'],
  app: [
    'core',
    'adapters',
    'ingest',
    'inference',
    'alerts',
    'dashboard-api',
    'models',
    'deploy',
    'package.json',
  ],
}

const skipped = new Set(['node_modules', 'dist', '.git'])

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.(ts|tsx|mjs)$/.test(entry.name)) yield path
  }
}

const houseOf = (path: string): string => {
  const inside = relative(ROOT, path)
  if (inside.startsWith('dashboard-api/web/')) return 'dashboard-api/web'
  return inside.split('/')[0] ?? ''
}

const imports = (text: string): string[] =>
  [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? '')

const edges = Object.keys(MAY_IMPORT)
  .filter((house) => house !== 'dashboard-api/web')
  .flatMap((house) => [...sources(join(ROOT, house))])
  .flatMap((file) =>
    imports(readFileSync(file, 'utf8'))
      .filter((target) => target.startsWith('.'))
      .map((target) => ({
        file: relative(ROOT, file),
        from: houseOf(file),
        to: houseOf(resolve(dirname(file), target)),
      })),
  )

test('the layer test reads the sources', () => {
  expect(edges.length).toBeGreaterThan(50)
  expect(
    imports("import { a } from '../x.ts'\nexport type { B } from './y.ts'\nawait import('./z.ts')"),
  ).toEqual(['../x.ts', './y.ts', './z.ts'])
})

test('folders import one way', () => {
  const wrong = edges.filter(({ from, to }) => from !== to && !MAY_IMPORT[from]?.includes(to))
  expect(wrong.map(({ file, to }) => `${file} imports ${to}/`)).toEqual([])
})

test('no source file is longer than 500 lines', () => {
  const long = Object.keys(MAY_IMPORT)
    .flatMap((house) => [...sources(join(ROOT, house))])
    .map((file) => ({ file: relative(ROOT, file), lines: readFileSync(file, 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > 500)
  expect(long).toEqual([])
})
