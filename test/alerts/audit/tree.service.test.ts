import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { withNodes } from '../../../alerts/audit/nodes.ts'
import { sequenceOnce } from '../../../alerts/changes/sequencer.ts'
import { deleteChanges } from '../../../alerts/evidence/change-retention.ts'
import { hexOf } from '../../../core/audit/hash.ts'
import { type AuditedChange, auditTimeSql, goneLeaf, leafOf } from '../../../core/audit/leaf.ts'
import { proveInclusion, verifyInclusion } from '../../../core/audit/proof.ts'
import { rootAt, rootOf } from '../../../core/audit/tree.ts'
import { type ChangeTopic, writeChange } from '../../../core/changes.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query('truncate changes, audit_nodes, alerts, cases restart identity cascade')
  await database.query('update change_head set pos = 0')
  await database.query('update audit_head set size = 0, founded = 0')
  await database.query('update change_retention set whole_after = 0')
})

const deps = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
const sequence = () => sequenceOnce({ ...deps, database })
const write = (key: string, payload: Record<string, unknown> = {}, topic: ChangeTopic = 'alert') =>
  database.transaction((tx) => writeChange(tx, { topic, key, payload }))
const changes = async () =>
  (
    await database.query<AuditedChange>(
      `select pos::text as pos, ${auditTimeSql('at')} as at, topic, key, payload from changes order by changes.pos`,
    )
  ).rows
const size = async () =>
  Number((await database.query<{ size: string }>('select size from audit_head')).rows[0]?.size)
const root = async (at: number) => hexOf(await withNodes(database, (read) => rootAt(at, read)))

describe('the audit tree', () => {
  test('grows with the positions, also over what the database keeps apart', async () => {
    await write('a', { ä: '中文 𠮷', n: 1.5e-7, big: 2 ** 80, z: [null, true], __proto__x: {} })
    expect(await sequence()).toMatchObject({ count: 1, tree: 'whole' })
    for (let n = 0; n < 12; n += 1) await write(`k${n}`, { n })
    expect(await sequence()).toMatchObject({ count: 12, tree: 'whole' })
    const leaves = (await changes()).map(leafOf)
    expect(await size()).toBe(13)
    for (const at of [1, 7, 8, 13]) expect(await root(at)).toBe(hexOf(rootOf(leaves.slice(0, at))))
    const path = await withNodes(database, (read) => proveInclusion(4, 13, read))
    const claim = { index: 4, size: 13, leaf: leaves[4] as Uint8Array, root: rootOf(leaves), path }
    expect(verifyInclusion(claim)).toBe(true)
  })

  test('a change that is altered past every guard has another leaf', async () => {
    await write('a', { verdict: 'confirmed' })
    await sequence()
    const before = await root(1)
    await database.query(`update changes set payload = '{"verdict": "rejected"}'`)
    const [change] = await changes()
    expect(hexOf(leafOf(change as AuditedChange))).not.toBe(before)
  })

  test('takes in positions that were there before it, in bounded batches, and says where rows were gone', async () => {
    await database.query(
      `insert into changes (topic, key, payload) select 'alert', 'k' || n, '{}' from generate_series(1, 2300) n`,
    )
    await database.query('update changes set pos = id')
    await database.query('update change_head set pos = 2300')
    await database.query('update audit_head set founded = 2300')
    await database.query('delete from changes where pos <= 3')
    expect(await sequence()).toEqual({ count: 0, standby: false, tree: 'behind' })
    expect(await size()).toBe(1000)
    // New changes meanwhile get their positions at once, and their leaves in turn.
    await write('new')
    expect(await sequence()).toMatchObject({ count: 1, tree: 'behind' })
    expect(await sequence()).toMatchObject({ count: 0, tree: 'whole' })
    expect(await size()).toBe(2301)
    const leaves = [...['1', '2', '3'].map(goneLeaf), ...(await changes()).map(leafOf)]
    expect(await root(2301)).toBe(hexOf(rootOf(leaves)))
  })

  test('that lost a node, or a row before its leaf, is damaged: positions go on, nothing is made up', async () => {
    await write('a')
    await sequence()
    await database.query('delete from audit_nodes')
    await write('b')
    expect(await sequence()).toMatchObject({ count: 1, tree: 'damaged' })
    expect(await size()).toBe(1)
    await expect(root(1)).rejects.toThrow('node 0/0 of the audit tree is missing')
  })

  test('a batch that is rolled back leaves neither positions nor nodes', async () => {
    await write('a')
    const dying = sequenceOnce({
      ...deps,
      database: {
        ...database,
        transaction: (work) =>
          database.transaction(async (tx) => {
            await work(tx)
            throw new Error('killed')
          }),
      },
    })
    await expect(dying).rejects.toThrow('killed')
    expect(await size()).toBe(0)
    expect(await sequence()).toMatchObject({ count: 1, tree: 'whole' })
    expect(await root(1)).toBe(hexOf(leafOf((await changes())[0] as AuditedChange)))
  })
})

describe('retention of the log', () => {
  test('keeps what belongs to a case, says what it deleted, and every proof of the rest holds', async () => {
    const old = "now() - interval '200 days'"
    await write('11111111-1111-1111-1111-111111111111')
    await write('2026-000001', {}, 'case')
    await write('camera:c', { who: 'x' }, 'look')
    await write('young')
    await database.query(`update changes set at = ${old} where key <> 'young'`)
    await sequence()
    await database.query(
      `insert into cases (no, state, version, type, severity, place, lead, filed_by, filed_at, body)
       values ('2026-000001', 'handling', 1, 'fire', 1, '{}', 'ecology', 'x', ${old}, '{}')`,
    )
    const leaves = (await changes()).map(leafOf)
    const day = 86_400_000
    const ago = (days: number) => new Date(Date.now() - days * day)
    expect(await deleteChanges(database, ago(90), ago(1_095))).toBe(1)
    expect(await deleteChanges(database, ago(90), ago(1_095))).toBe(0)
    expect(await sequence()).toMatchObject({ count: 1, tree: 'whole' })
    const left = await changes()
    expect(left.map(({ pos }) => pos)).toEqual(['2', '3', '4', '5'])
    expect(left.at(-1)).toMatchObject({ topic: 'audit', payload: { rows: 1, first: '1', last: '1' } })
    const { rows } = await database.query('select whole_after::int as after from change_retention')
    expect(rows).toEqual([{ after: 1 }])
    const all = [leaves[0] as Uint8Array, ...left.map(leafOf)]
    for (const index of [0, 1, 2, 3, 4]) {
      const path = await withNodes(database, (read) => proveInclusion(index, 5, read))
      const claim = { index, size: 5, leaf: all[index] as Uint8Array, root: rootOf(all), path }
      expect(verifyInclusion(claim)).toBe(true)
    }
  })
})

describe('the guards', () => {
  let guarded: TestDatabase
  beforeAll(async () => {
    guarded = await createTestDatabase({ guarded: true })
    await guarded.transaction((tx) => writeChange(tx, { topic: 'alert', key: 'a', payload: {} }))
    await sequenceOnce({ ...deps, database: guarded })
  })
  afterAll(() => guarded[Symbol.asyncDispose]())

  test.each([
    "update changes set payload = '{}'",
    "update changes set key = 'b' where pos = 1",
    'update changes set at = now()',
    'update changes set pos = 2',
    'update changes set pos = null',
    'delete from changes',
    "select set_config('sharp_eyes.retention', 'on', false); delete from changes",
    'truncate changes',
    "insert into changes (pos, topic, key, payload) values (9, 'alert', 'x', '{}')",
    'update audit_nodes set level = 1',
    'delete from audit_nodes',
    'truncate audit_nodes',
    'delete from audit_checkpoints',
    'truncate audit_checkpoints',
    'update audit_checkpoints set size = 1',
  ])('%s is refused', async (sql) => {
    await expect(guarded.query(sql)).rejects.toThrow(/is refused: the log is only appended to/)
  })

  test('positions are given, and retention may delete what is old', async () => {
    await guarded.query(
      "insert into changes (at, topic, key, payload) values (now() - interval '400 days', 'alert', 'old', '{}')",
    )
    expect(await sequenceOnce({ ...deps, database: guarded })).toMatchObject({ count: 1, tree: 'whole' })
    const ago = new Date(Date.now() - 90 * 86_400_000)
    expect(await deleteChanges(guarded, ago, ago)).toBe(1)
  })
})
