import { loadWarning, type Machine } from './machine.ts'
import { median, quantile } from './statistics.ts'

/** One measured figure. */
export interface Figure {
  readonly what: string
  readonly unit: string
  readonly median: number
  readonly min: number
  readonly max: number
  readonly runs: number
  /** The budget of the design page, for example "≤ 0.030"; null: there is none. */
  readonly must: string | null
}

export interface BenchReport {
  readonly bench: string
  /** What was measured, and beside what. */
  readonly about: readonly string[]
  readonly figures: readonly Figure[]
  readonly warnings: readonly string[]
}

/** One figure of several runs. */
export const figure = (
  what: string,
  unit: string,
  runs: readonly number[],
  must: string | null = null,
): Figure => ({
  what,
  unit,
  median: median(runs),
  min: Math.min(...runs),
  max: Math.max(...runs),
  runs: runs.length,
  must,
})

/** p50 and p95 of these milliseconds, as two figures with the number of events as runs. */
export const percentiles = (what: string, values: readonly number[], must: string | null = null): Figure[] =>
  values.length === 0
    ? []
    : [
        { ...figure(`${what}, p50`, 'ms', values), median: quantile(values, 0.5) },
        { ...figure(`${what}, p95`, 'ms', values, must), median: quantile(values, 0.95) },
      ]

/** The answer of a bench on stdout: one JSON object, or a table. */
export function printReport(report: BenchReport, machine: Machine, json: boolean | undefined): void {
  const load = loadWarning(machine)
  const warnings = load ? [...report.warnings, load] : report.warnings
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...report, warnings, machine })}\n`)
    return
  }
  process.stdout.write(`${textOf(report, machine, warnings)}\n`)
}

function textOf({ bench, about, figures }: BenchReport, machine: Machine, warnings: readonly string[]) {
  const rows = figures.map((f) => [
    f.what,
    short(f.median),
    f.runs > 1 ? `${short(f.min)} – ${short(f.max)}` : '',
    String(f.runs),
    f.unit,
    f.must ?? '',
  ])
  const head = ['figure', 'median', 'min – max', 'runs', 'unit', 'must']
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    `bench ${bench}`,
    ...about.map((text) => `  ${text}`),
    `  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, load ${machine.loadAtStart} at the start`,
    '',
    line(head),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    ...warnings.map((text) => `\nWARNING: ${text}`),
  ].join('\n')
}

/** Three significant digits, without exponents. */
function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  return size >= 1 ? value.toFixed(2) : value.toFixed(4)
}
