import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../../adapters/metrics.ts'
import { PROJECT_ROOT } from '../../app/data-folder.ts'
import { metricFacts } from '../../core/metrics.ts'

const DEPLOY = join(PROJECT_ROOT, 'deploy')
const files = (folder: string, ends: string): string[] =>
  readdirSync(join(DEPLOY, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ends))
    .map((name) => join(DEPLOY, folder, name))
const read = (path: string) => readFileSync(path, 'utf8')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly action: string }
}
const rules = () =>
  (parse(read(join(DEPLOY, 'prometheus/alerts.yml'))) as { groups: { name: string; rules: Rule[] }[] }).groups

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
}
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly panels: readonly Panel[]
}
const dashboards = () =>
  files('grafana/dashboards', '.json').map((path) => JSON.parse(read(path)) as Dashboard)

/** Every query, and where it stands. */
const queries = (): readonly { readonly where: string; readonly expr: string }[] => [
  ...rules().flatMap((group) => group.rules.map(({ alert, expr }) => ({ where: alert, expr }))),
  ...dashboards().flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ where: `${uid}: ${title}`, expr })),
    ),
  ),
]

/** Labels that Prometheus gives, beside ours. */
const SCRAPED = ['job', 'instance', 'le']

/** Node's own figures, which prom-client brings. */
const ofNode = new Set(
  (await createMetrics().text())
    .split('\n')
    .flatMap((line) => /^# TYPE sharp_eyes_(\S+)/.exec(line)?.[1] ?? [])
    .filter((name) => metricFacts(name) === null),
)

/** The metric behind a name in a query: a histogram is asked by its buckets, its sum or its count. */
function behind(name: string) {
  const direct = metricFacts(name)
  if (direct) return direct.kind === 'histogram' ? null : direct
  const [, base] = /^(.+)_(?:bucket|sum|count)$/.exec(name) ?? []
  const facts = base === undefined ? null : metricFacts(base)
  return facts?.kind === 'histogram' ? facts : null
}

const BRACKETS = [
  ['(', ')'],
  ['{', '}'],
  ['[', ']'],
] as const
const NAME = /\bsharp_eyes_([a-z0-9_]+)(\{[^}]*\})?/g

test('every metric of the dashboards and rules exists, with the labels by which it is asked', () => {
  const all = queries()
  expect(all.length).toBeGreaterThan(80)
  const faults = all.flatMap(({ where, expr }) => {
    const found = [...expr.matchAll(NAME)]
    if (found.length === 0 && !/\bup\b/.test(expr)) return [`${where}: asks no metric of ours: ${expr}`]
    const known = new Set(SCRAPED)
    const missing = found.flatMap(([, name = '', selector = '']) => {
      const facts = behind(name)
      if (!facts) return ofNode.has(name) ? [] : [`${where}: there is no metric sharp_eyes_${name}`]
      for (const label of facts.labels) known.add(label)
      const asked = [...selector.matchAll(/([a-z_]+)\s*[=!]/g)].map((match) => match[1] ?? '')
      return asked
        .filter((label) => ![...SCRAPED, ...facts.labels].includes(label))
        .map((label) => `${where}: sharp_eyes_${name} has no label ${label}`)
    })
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap((match) => (match[1] ?? '').split(/,\s*/))
    const odd = grouped
      .filter((label) => !known.has(label))
      .map((label) => `${where}: by (${label}): no such label`)
    return [...missing, ...odd]
  })
  expect(faults).toEqual([])
})

test('a counter is asked for its rate, a gauge is not, and brackets close', () => {
  const faults = queries().flatMap(({ where, expr }) => [
    ...[...expr.matchAll(NAME)].flatMap(([whole, name = '']) => {
      const rated = new RegExp(
        `(?:rate|increase)\\(${whole.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\[`,
      ).test(expr)
      const counts =
        behind(name)?.kind === 'counter' ||
        /_(bucket|sum|count)$/.test(name) ||
        name === 'process_cpu_seconds_total'
      return rated === counts ? [] : [`${where}: ${whole} ${counts ? 'needs' : 'has no'} rate`]
    }),
    ...BRACKETS.filter(([open, close]) => expr.split(open).length !== expr.split(close).length).map(
      (pair) => `${where}: ${pair.join(' ')} do not match`,
    ),
  ])
  expect(faults).toEqual([])
})

test('every rule says how bad it is, what is the matter and what to do', () => {
  const groups = rules()
  const names = groups.flatMap((group) => group.rules.map(({ alert }) => alert))
  expect(new Set(names).size).toBe(names.length)
  for (const { labels, annotations } of groups.flatMap((group) => group.rules)) {
    expect(labels.severity).toMatch(/^(page|ticket)$/)
    expect(annotations.summary.length).toBeGreaterThan(20)
    expect(annotations.action.length).toBeGreaterThan(10)
  }
})

test('panels have a place of their own, a description and queries', () => {
  const all = dashboards()
  expect(all.length).toBeGreaterThanOrEqual(3)
  expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length)
  for (const { title, panels } of all) {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    )
    expect(new Set(cells).size, title).toBe(cells.length)
    for (const panel of panels) {
      expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24)
      if (panel.type === 'row') continue
      expect(panel.description?.length ?? 0, panel.title).toBeGreaterThan(5)
      expect(panel.targets?.length ?? 0, panel.title).toBeGreaterThan(0)
    }
  }
})

test('what Prometheus and Grafana are told to read is there', () => {
  const config = parse(read(join(DEPLOY, 'prometheus/prometheus.yml'))) as {
    rule_files: string[]
    scrape_configs: { job_name: string }[]
  }
  for (const file of config.rule_files) expect(read(join(DEPLOY, 'prometheus', file))).toContain('groups:')
  expect(config.scrape_configs.map(({ job_name }) => job_name).sort()).toEqual(['alerts', 'api', 'ingest'])
  for (const path of files('grafana/provisioning', '.yml'))
    expect(parse(read(path)), relative(DEPLOY, path)).toMatchObject({ apiVersion: 1 })
  const source = parse(read(join(DEPLOY, 'grafana/provisioning/datasources/prometheus.yml'))) as {
    datasources: { uid: string }[]
  }
  const uids = new Set(source.datasources.map(({ uid }) => uid))
  for (const path of files('grafana/dashboards', '.json'))
    for (const [, uid = ''] of read(path).matchAll(/"type": "prometheus",\s*"uid": "([^"]+)"/g))
      expect(uids).toContain(uid)
})

test('docs/observability.md names only metrics that exist', () => {
  const text = read(join(PROJECT_ROOT, 'docs/observability.md'))
  const names = [...text.matchAll(/`sharp_eyes_([a-z0-9_]+)/g)].map((match) => match[1] ?? '')
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !metricFacts(name) && !behind(name) && !ofNode.has(name))).toEqual([])
})
