import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { checkTree } from '../../alerts/audit/check.ts'
import { checkpointOnce } from '../../alerts/audit/checkpoints.ts'
import { createAuditLog } from '../../alerts/audit/log.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import { sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { openCheckpoint, parseVerifier, type VerifierKey, verifierText } from '../../core/audit/checkpoint.ts'
import { type Hash, hashFromHex, leafHash } from '../../core/audit/hash.ts'
import { verifyInclusion } from '../../core/audit/proof.ts'
import { writeChange } from '../../core/changes.ts'
import type { Database } from '../../core/ports/database.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert } from './matters.ts'

const ORIGIN = 'sharp-eyes/test'
const { privateKey: key } = generateKeyPairSync('ed25519')
const text = verifierText(ORIGIN, key)
const verifier = parseVerifier(text) as VerifierKey
let city: TestDashboard
let auditor: Browser
let folder: Awaited<ReturnType<typeof tempFolder>>

beforeAll(async () => {
  folder = await tempFolder()
  // The database is made by the dashboard: this one hands every call on to it.
  const late: Database = {
    query: (sql, params) => city.database.query(sql, params),
    transaction: (work) => city.database.transaction(work),
    listen: (channel, told) => city.database.listen(channel, told),
  }
  city = await startDashboard({ audit: createAuditLog({ database: late, verifier: text }) })
  auditor = await city.as('auditor')
  await city.database.transaction(async (tx) => {
    await writeChange(tx, {
      topic: 'look',
      key: 'alert:a1',
      payload: {
        who: 'lin',
        what: 'original',
        object: 'alert:a1',
        camera: 'c1',
        purpose: 'environment',
        reason: '=2+3',
      },
    })
    await writeChange(tx, {
      topic: 'alert',
      key: 'a1',
      payload: { kind: 'verdict', actor: 'wang', verdictReason: 'weather' },
    })
    await writeChange(tx, {
      topic: 'case',
      key: '2020-000001',
      payload: { kinds: ['filed', 'dispatched'], actor: 'wang' },
    })
    await writeChange(tx, { topic: 'alert', key: 'a1', payload: { kind: 'resolved', actor: null } })
  })
  await seal()
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const deps = () => ({ database: city.database, clock: systemClock, log: silentLog })
async function seal(): Promise<void> {
  await sequenceOnce({ ...deps(), metrics: recordingMetrics() })
  await checkpointOnce({ ...deps(), key, origin: ORIGIN, folder: folder.path, secondFolder: null }, 0)
  await checkTree({ ...deps(), verifier, folder: folder.path }, { checkpoints: 100, leaves: 1_000 })
}
const told = (items: readonly { topic: string; action: string; who: string | null }[]) =>
  items.map(({ topic, action, who }) => `${topic} ${action} ${who}`)
const search = async (query: string) => (await auditor.json(`/api/audit${query}`)).items

test('entries are found by who, object, action and time, and say why', async () => {
  expect(told(await search('?who=wang'))).toEqual(['case filed,dispatched wang', 'alert verdict wang'])
  expect(told(await search('?object=a1'))).toEqual([
    'alert resolved null',
    'alert verdict wang',
    'look original lin',
  ])
  expect(await search('?action=look.original')).toMatchObject([
    { object: 'alert:a1', camera: 'c1', purpose: 'environment', reason: '=2+3' },
  ])
  expect(told(await search('?action=case.dispatched'))).toEqual(['case filed,dispatched wang'])
  expect(await search('?who=wang&to=2020-01-02T00:00:00Z&from=2020-01-01T00:00:00Z')).toEqual([])
  expect(await search("?who=' or 1=1 --")).toEqual([])
  const first = await auditor.json('/api/audit?object=a1&limit=2')
  expect(first.items).toHaveLength(2)
  const rest = await auditor.json(`/api/audit?object=a1&limit=2&cursor=${first.next}`)
  expect(told(rest.items)).toEqual(['look original lin'])
  for (const bad of [
    '?action=nothing',
    '?from=2020-01-01T00:00:00Z',
    '?cursor=x',
    '?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  ])
    expect((await auditor.get(`/api/audit${bad}`)).status, bad).toBe(422)
})

test('an entry says whether a person or the machine wrote it, also where both have one name', async () => {
  const { database } = city
  const commands = createCaseCommands({
    ...{ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
    ...{ channelKinds: ['webhook'], publicUrl: null, jobs: { send: async () => undefined } },
  })
  const operator = { kind: 'person', name: 'operator', roles: ['operator'], department: null } as const
  const { no } = await commands.file({ alertId: await insertAlert(database) }, operator)
  await commands.execute(
    no,
    { kind: 'accept', version: 2 },
    { ...operator, name: 'officer', roles: ['officer'], department: 'ecology' },
  )
  const until = new Date(Date.now() + 86_400_000).toISOString()
  // An account of before such names were refused, and the clock of the case.
  for (const [version, by] of [
    [3, { kind: 'machine', name: 'timer' }],
    [5, { ...operator, name: 'timer' }],
  ] as const) {
    await commands.execute(no, { kind: 'suspend', version, reason: '等待材料', until }, operator)
    await commands.execute(no, { kind: 'resume', version: version + 1, reason: 'review date' }, by)
  }
  const written = async () =>
    (await search(`?object=${no}`)).map(({ who, whoKind, action }: Json) => `${action}: ${who} ${whoKind}`)
  const log = [
    'resume: timer person',
    'suspend: operator person',
    'resume: timer machine',
    'suspend: operator person',
    'accept: officer person',
    'file,dispatch: operator person',
  ]
  expect(await written()).toEqual(log)
  // Rows of before they said it are told by the log of the case.
  await database.query(
    `update changes set payload = payload - 'actorKind' where topic = 'case' and key = $1`,
    [no],
  )
  expect(await written()).toEqual(log)
  expect((await search('?who=test')).map(({ whoKind }: Json) => whoKind)).toContain('command_line')
  // Also where retention has deleted the first ones, and all are of one second.
  await database.transaction(async (tx) => {
    await tx.query("select set_config('sharp_eyes.retention', 'on', true)")
    await tx.query(`delete from changes where topic = 'case' and key = $1 and payload -> 'kinds' ? 'file'`, [
      no,
    ])
    await tx.query(`update changes set at = date_trunc('second', at) where topic = 'case' and key = $1`, [no])
  })
  expect(await written()).toEqual(log.slice(0, -1))
  const sheet = await (await auditor.get(`/api/audit.csv?object=${no}`)).text()
  expect(sheet).toMatch(/"timer","case","resume",.*,"machine"\r\n/)
})

test('a search is an entry itself, once for all its pages', async () => {
  const mine = async () => (await search('?who=auditor&action=look.audit')).length
  const before = await mine()
  await auditor.json('/api/audit?object=a1')
  expect(await mine()).toBe(before + 2)
  expect((await search('?who=auditor&action=look.audit'))[1]).toMatchObject({
    reason: 'who=auditor action=look.audit',
  })
})

test('only an auditor reads it', async () => {
  for (const name of ['operator', 'officer', 'investigator', 'admin', 'verifier']) {
    const other = await city.as(name)
    for (const path of ['', '.csv', '/tree', '/proof?pos=1', '/checkpoints'])
      expect((await other.get(`/api/audit${path}`)).status, `${name} ${path}`).toBe(403)
  }
})

test('CSV has inert cells', async () => {
  const answer = await auditor.get('/api/audit.csv?action=look.original')
  expect(answer.headers.get('content-type')).toContain('text/csv')
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  expect(bytes.toString()).toContain('"environment","\'=2+3","person"\r\n')
})

test('the tree, its checkpoint and a proof can be checked with the key alone', async () => {
  await seal()
  const [{ pos }] = await search('?object=a1&who=wang')
  const tree = await auditor.json('/api/audit/tree')
  expect(tree).toMatchObject({ state: 'whole', findings: [], verifier: text, size: tree.pos })
  const proof = await auditor.json(`/api/audit/proof?pos=${pos}`)
  const opened = openCheckpoint(proof.checkpoint.note, parseVerifier(tree.verifier) as VerifierKey)
  if (!opened.ok) throw new Error(opened.fault)
  const claim = {
    index: Number(pos) - 1,
    size: proof.size,
    leaf: leafHash(Buffer.from(proof.entry)),
    root: opened.checkpoint.root,
    path: proof.path.map((hex: string) => hashFromHex(hex) as Hash),
  }
  expect(verifyInclusion(claim)).toBe(true)
  expect(JSON.parse(proof.entry)).toMatchObject({ pos, topic: 'alert', payload: { kind: 'verdict' } })
  expect((await auditor.get('/api/audit/proof?pos=999999')).status).toBe(404)
  const { items, next } = await auditor.json('/api/audit/checkpoints?limit=1')
  expect(items[0].size).toBe(tree.checkpoint.size)
  expect((await auditor.json(`/api/audit/checkpoints?limit=1&before=${next}`)).items[0].size).toBeLessThan(
    items[0].size,
  )
})

test('a log that was changed behind its back is broken', async () => {
  await city.database.query(`update changes set payload = '{}' where pos = 2`)
  await seal()
  expect(await auditor.json('/api/audit/tree')).toMatchObject({
    state: 'broken',
    findings: [{ code: 'row_changed', pos: '2' }],
  })
})
