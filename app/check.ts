import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'

/**
 * `npm run check`: types, lint, dead code and unit tests, without any service, in under a minute.
 * With `--all` (`npm test`) the tests on real services too; further arguments go to vitest.
 * Every step must prove that it looked at something; the last line is "N passed, N failed".
 *
 * With `--all`, files of service tests that failed are run once more, alone, when they are few: what passes then was not broken
 * but not steady either, and is named as UNSTEADY in the output, to be mended. Fault tests have no second run: a message that is
 * lost once is lost.
 */
const root = resolve(import.meta.dirname, '..')
const bin = (name: string) => join(root, 'node_modules', '.bin', name)
const args = process.argv.slice(2)
const all = args.includes('--all')
const rest = args.filter((arg) => arg !== '--all')
/** More files than these that fail are no accident. */
const MAX_SECOND_RUN = 6

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

const steps: readonly Step[] = [
  { name: 'types', command: [bin('tsc'), '-p', root] },
  { name: 'types of the browser app', command: [bin('tsc'), '-p', join(root, 'dashboard-api', 'web')] },
  { name: 'format and lint', command: [bin('biome'), 'check', '--error-on-warnings', root] },
  { name: 'dead code', command: [bin('knip'), '--directory', root] },
]

let passed = 0
let failed = 0
for (const { name, command } of steps) {
  const started = Date.now()
  const [program, ...its] = command as [string, ...string[]]
  const result = spawnSync(program, its, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const ok = result.status === 0
  ok ? passed++ : failed++
  process.stderr.write(`${ok ? 'ok' : 'FAILED'}  ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
}

interface FileResult {
  readonly name: string
  readonly status: string
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
}

interface Run {
  /** Exit code of vitest: it also knows of errors outside of tests. */
  readonly clean: boolean
  /** By path of the file. */
  readonly files: ReadonlyMap<string, FileResult>
}

function runTests(name: string, its: readonly string[]): Run {
  const report = join(tmpdir(), `sharp-eyes-tests-${process.pid}-${name}.json`)
  const vitest = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...its,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const results: readonly FileResult[] = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8')).testResults
    : []
  rmSync(report, { force: true })
  return { clean: vitest.status === 0, files: new Map(results.map((result) => [result.name, result])) }
}

const testsOf = (files: Iterable<FileResult>, status: string) =>
  [...files].flatMap(({ assertionResults }) => assertionResults.filter((test) => test.status === status))
const failedFiles = ({ files }: Run) => [...files.values()].filter(({ status }) => status !== 'passed')

const first = runTests('all', [...(all ? [] : ['--project', 'unit']), ...rest])
const broken = failedFiles(first)
const mayRunAgain =
  all &&
  broken.length > 0 &&
  broken.length <= MAX_SECOND_RUN &&
  broken.every(({ name }) => name.endsWith('.service.test.ts') && !name.includes('/test/faults/'))
let files = first.files
let clean = first.clean
if (mayRunAgain) {
  const names = broken.map(({ name }) => relative(root, name))
  process.stderr.write(`\nfailed, run once more alone: ${names.join(', ')}\n`)
  const second = runTests('again', ['--project', 'service', '--maxWorkers=1', ...names])
  files = new Map([...first.files, ...second.files])
  clean = second.clean && second.files.size === broken.length
  for (const { fullName } of testsOf(broken, 'failed'))
    if (testsOf(second.files.values(), 'passed').some((test) => test.fullName === fullName))
      process.stderr.write(`UNSTEADY  ${fullName}: failed, and passed alone; its failure is above\n`)
}
const skipped = testsOf(files.values(), 'pending').length + testsOf(files.values(), 'skipped').length
const failures = testsOf(files.values(), 'failed').length
passed += testsOf(files.values(), 'passed').length
failed += failures
// A file that does not load counts no test: vitest's own exit code still says it.
if (!clean && failures === 0) failed += 1
if (skipped > 0) process.stderr.write(`${skipped} skipped; the reasons are above\n`)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
