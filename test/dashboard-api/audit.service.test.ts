import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { checkTree } from '../../alerts/audit/check.ts'
import { checkpointOnce } from '../../alerts/audit/checkpoints.ts'
import { createAuditLog } from '../../alerts/audit/log.ts'
import { sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { openCheckpoint, parseVerifier, type VerifierKey, verifierText } from '../../core/audit/checkpoint.ts'
import { type Hash, hashFromHex, leafHash } from '../../core/audit/hash.ts'
import { verifyInclusion } from '../../core/audit/proof.ts'
import { writeChange } from '../../core/changes.ts'
import type { Database } from '../../core/ports/database.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'
import type { Browser } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

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
      key: '2026-000001',
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
  expect(bytes.toString()).toContain('"environment","\'=2+3"\r\n')
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
