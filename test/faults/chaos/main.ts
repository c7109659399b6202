import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from './chaos.ts'

// npm run test:faults -- --kills 300 [--seed N] [--away 90] [--parts kafka,alerts-1]: by hand; its result goes into docs/faults.md.
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    away: { type: 'string', default: '90' },
    parts: { type: 'string' },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-chaos-'))
await chmod(folder, 0o755)
const report = await runChaos({
  ...{ folder, seed: Number(values.seed), kills: Number(values.kills) },
  longAwayMs: Number(values.away) * 1_000,
  parts: values.parts?.split(','),
  onStep: (text) => process.stderr.write(`${new Date().toISOString()} ${text}\n`),
})
const count = (kind: string) => report.faults.filter((fault) => fault.kind === kind).length
process.stdout.write(
  `seed ${report.seed}: ${count('kill')} kills, ${count('pause')} freezes in ${report.seconds.toFixed(0)} s; ${report.messages} promises\n`,
)
for (const { rule, checked, broken } of report.findings)
  process.stdout.write(
    `${broken.length === 0 ? 'ok    ' : 'BROKEN'} ${rule} (${checked})${broken.map((one) => `\n         ${one}`).join('')}\n`,
  )
const failed = report.findings.some(({ broken }) => broken.length > 0)
if (failed) process.stdout.write(`kept for a look: ${folder}\n`)
else await rm(folder, { recursive: true, force: true })
process.exitCode = failed ? 1 : 0
