import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../app/data-folder.ts'
import { readText } from './files.ts'

const sources = globSync(
  ['{core,ingest,inference,alerts,dashboard-api,adapters,app}/**/*.ts', 'deploy/setup/*.mjs'],
  { cwd: PROJECT_ROOT },
)
  .filter((path) => !path.includes('node_modules') && !/\/web\/(?!src\/words\/)/.test(path))
  .map((path) => readText(path))
/** Ways in which a text may be cut in the sources: by a value, by a line's end, by an escape. */
const text = sources.join('\n').replaceAll('\\n', ' ')

const headings = readText('docs', 'troubleshooting.md')
  .split('\n')
  .filter((line) => line.startsWith('## '))
  .map((line) => line.slice(3))

test('the page has the texts', () => {
  expect(headings.length).toBeGreaterThan(30)
})

test.each(headings)('%s', (heading) => {
  const pieces = heading.split(/ ?… ?| \/ |"…"|\(pid …\)/).filter((piece) => piece.length > 3)
  expect(pieces).not.toEqual([])
  expect(pieces.filter((piece) => !text.includes(piece))).toEqual([])
})
