import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * `npm run check`: types, lint, dead code and unit tests, without any service, in under a minute.
 * With `--all` (`npm test`) the tests on real services too; further arguments go to vitest.
 * Every step must prove that it looked at something; the last line is "N passed, N failed".
 */
const root = resolve(import.meta.dirname, '..')
const bin = (name: string) => join(root, 'node_modules', '.bin', name)
const args = process.argv.slice(2)
const all = args.includes('--all')
const report = join(tmpdir(), `sharp-eyes-tests-${process.pid}.json`)

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
  const [program, ...rest] = command as [string, ...string[]]
  const result = spawnSync(program, rest, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const ok = result.status === 0
  ok ? passed++ : failed++
  process.stderr.write(`${ok ? 'ok' : 'FAILED'}  ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
}

const projects = all ? [] : ['--project', 'unit']
const vitest = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...projects,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args.filter((arg) => arg !== '--all'),
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
)
const tests = existsSync(report)
  ? (JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
      numPendingTests: number
    })
  : null
rmSync(report, { force: true })
passed += tests?.numPassedTests ?? 0
failed += tests?.numFailedTests ?? 1
// A file that does not load counts no test: vitest's own exit code still says it.
if (vitest.status !== 0 && (tests?.numFailedTests ?? 0) === 0) failed += 1
if (tests?.numPendingTests) process.stderr.write(`${tests.numPendingTests} skipped; the reasons are above\n`)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
