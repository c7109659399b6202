import { generateKeyPairSync } from 'node:crypto'
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { checkTree } from '../../../alerts/audit/check.ts'
import { checkpointOnce, copyToSecond } from '../../../alerts/audit/checkpoints.ts'
import { createAuditLog } from '../../../alerts/audit/log.ts'
import { verifyCase } from '../../../alerts/audit/verify-case.ts'
import { sequenceOnce } from '../../../alerts/changes/sequencer.ts'
import {
  openCheckpoint,
  parseVerifier,
  type VerifierKey,
  verifierText,
} from '../../../core/audit/checkpoint.ts'
import { type Hash, hashFromHex } from '../../../core/audit/hash.ts'
import { readNotes } from '../../../core/audit/notes.ts'
import { verifyConsistency } from '../../../core/audit/proof.ts'
import { writeChange } from '../../../core/changes.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const ORIGIN = 'sharp-eyes/test'
const MINUTE = 60_000
const { privateKey: key } = generateKeyPairSync('ed25519')
const verifier = parseVerifier(verifierText(ORIGIN, key)) as VerifierKey
let database: TestDatabase
let folder: Awaited<ReturnType<typeof tempFolder>>
let now = Date.now()
const clock = { ...systemClock, now: () => now }

beforeAll(async () => {
  database = await createTestDatabase()
  folder = await tempFolder()
})
afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await rm(join(folder.path, 'first'), { recursive: true, force: true })
  await rm(join(folder.path, 'second'), { recursive: true, force: true })
  await database.query(
    'truncate changes, audit_nodes, audit_checkpoints, audit_checks, cases restart identity cascade',
  )
  await database.query('update change_head set pos = 0')
  await database.query('update audit_head set size = 0')
})

const deps = () => ({
  ...{ database, clock, log: silentLog, key, origin: ORIGIN },
  folder: join(folder.path, 'first'),
  secondFolder: join(folder.path, 'second'),
})
const write = async (count: number, key = 'a', topic: 'alert' | 'case' = 'alert') => {
  for (let n = 0; n < count; n += 1)
    await database.transaction((tx) => writeChange(tx, { topic, key, payload: { n } }))
  await sequenceOnce({ database, clock, log: silentLog, metrics: recordingMetrics() })
}
const notesIn = async (name: string) => {
  const path = join(folder.path, name)
  const files = await readdir(path)
  const texts = await Promise.all(files.map((file) => readFile(join(path, file), 'utf8')))
  return texts.flatMap((text) => readNotes(text).notes)
}
const check = () => checkTree({ ...deps(), verifier }, { checkpoints: 100, leaves: 1_000 })
const codes = async () => (await check()).map(({ code }) => code)

describe('checkpoints', () => {
  test('are written while the log grows, signed, outside the database and in it', async () => {
    expect(await checkpointOnce(deps(), MINUTE)).toBeNull()
    await write(3)
    expect(await checkpointOnce(deps(), MINUTE)).toMatchObject({ size: 3, origin: ORIGIN })
    expect(await checkpointOnce(deps(), MINUTE)).toBeNull() // nothing new
    await write(2)
    expect(await checkpointOnce(deps(), MINUTE)).toBeNull() // too soon
    now += MINUTE
    expect(await checkpointOnce(deps(), MINUTE)).toMatchObject({ size: 5 })
    const notes = await notesIn('first')
    expect(notes.map((note) => openCheckpoint(note, verifier))).toMatchObject([
      { ok: true, checkpoint: { size: 3 } },
      { ok: true, checkpoint: { size: 5 } },
    ])
    expect(await copyToSecond(deps())).toBe(true)
    expect(await notesIn('second')).toEqual(notes)
    const audit = createAuditLog({ database, verifier: null })
    expect((await audit.checkpoints({ limit: 10 })).map(({ size, note }) => [size, note])).toEqual([
      [5, notes[1]],
      [3, notes[0]],
    ])
    expect((await audit.checkpoint(4))?.size).toBe(5)
    const [to, from] = await audit.checkpoints({ limit: 2 })
    const { path } = await audit.consistency(3, 5)
    const hash = (hex: string | undefined) => hashFromHex(hex ?? '') as Hash
    expect(
      verifyConsistency({
        from: 3,
        to: 5,
        fromRoot: hash(from?.root),
        toRoot: hash(to?.root),
        path: path.map(hash),
      }),
    ).toBe(true)
  })

  test('a thousand entries need no waiting, and a note that was cut off stays behind', async () => {
    await write(1)
    await checkpointOnce(deps(), MINUTE)
    const [file = ''] = await readdir(deps().folder)
    await appendFile(join(deps().folder, file), `${ORIGIN}\n2\nAAAA`)
    await database.query(
      `insert into changes (topic, key, payload) select 'alert', 'k', '{}' from generate_series(1, 1000)`,
    )
    await write(0)
    expect(await checkpointOnce(deps(), MINUTE)).toMatchObject({ size: 1_001 })
    expect(await notesIn('first')).toHaveLength(2)
    expect(await codes()).toEqual([])
  })

  test('a second folder that cannot be written is told, and catches up', async () => {
    await write(1)
    await checkpointOnce(deps(), 0)
    await writeFile(join(folder.path, 'second'), 'a file in its place')
    expect(await copyToSecond(deps())).toBe(false)
    await rm(join(folder.path, 'second'))
    expect(await copyToSecond(deps())).toBe(true)
    expect(await notesIn('second')).toEqual(await notesIn('first'))
  })
})

describe('the check', () => {
  beforeEach(async () => {
    await write(6)
    await checkpointOnce(deps(), 0)
  })
  const state = async () => (await createAuditLog({ database, verifier: null }).head()).state

  test('of what nobody touched finds nothing', async () => {
    expect(await state()).toBe('unchecked')
    expect(await codes()).toEqual([])
    expect(await state()).toBe('whole')
  })

  test.each([
    ['a changed row', "update changes set payload = '{}' where pos = 2", ['row_changed']],
    ['another time', "update changes set at = at + interval '1 microsecond' where pos = 2", ['row_changed']],
    ['a deleted row', 'delete from changes where pos = 2', ['row_missing']],
    ['a deleted leaf', 'delete from audit_nodes where level = 0 and index = 1', ['node_missing']],
    ['another tree', "update audit_nodes set hash = sha256('x') where level = 2", ['root_differs']],
    ['a cut end', 'update audit_head set size = 5', ['truncated']],
    [
      'a forged checkpoint',
      "update audit_checkpoints set note = replace(note, '6', '5')",
      ['checkpoint_forged'],
    ],
  ])('finds %s', async (_, sql, found) => {
    await database.query(sql)
    expect(await codes()).toEqual(found)
    expect(await state()).toBe('broken')
  })

  test('finds a log that was made anew as a whole: the checkpoints outside do not lie in it', async () => {
    await database.query('truncate changes, audit_nodes, audit_checkpoints restart identity')
    await database.query('update change_head set pos = 0')
    await database.query('update audit_head set size = 0')
    await write(6, 'b')
    expect(await codes()).toEqual(['root_differs'])
  })
})

describe('a case', () => {
  const NO = '2026-000001'
  const verify = () => verifyCase({ database, verifier, folder: deps().folder }, NO)
  beforeEach(async () => {
    await database.query(
      `insert into cases (no, state, version, type, severity, place, filed_by, filed_at, body)
       values ('${NO}', 'handling', 1, 'fire', 1, '{}', 'x', now(), '{}')`,
    )
    await write(4)
    await write(3, NO, 'case')
    await checkpointOnce(deps(), 0)
    await write(2)
    await checkpointOnce(deps(), 0)
  })

  test('is proved entry by entry against the newest checkpoint', async () => {
    const report = await verify()
    expect(report).toMatchObject({ ok: true, size: 9 })
    expect(report.findings.map(({ text }) => text)).toEqual([
      '2 of 2 checkpoints continue each other, up to 9 entries',
      ...['5', '6', '7'].map((pos) =>
        expect.stringMatching(`^entry ${pos} case ${NO} .* is in the checkpoint of 9 entries$`),
      ),
    ])
  })

  test.each([
    [
      'a changed entry',
      'update changes set payload = \'{"n": 9}\' where pos = 6',
      /^entry 6 .*: was changed after it was written$/,
    ],
    ['a missing leaf', 'delete from audit_nodes where level = 0 and index = 5', /^entry 6 .*no leaf/],
    [
      'another past',
      "update audit_nodes set hash = sha256('x') where level = 2",
      /does not continue|is not in the checkpoint/,
    ],
    ['a cut end', 'update audit_head set size = 8', /entries are missing at its end/],
  ])('fails over %s', async (_, sql, text) => {
    await database.query(sql)
    const { ok, findings } = await verify()
    expect(ok).toBe(false)
    expect(
      findings.filter((finding) => finding.level === 'fault').map((finding) => finding.text),
    ).toContainEqual(expect.stringMatching(text))
  })

  test('without a checkpoint is not proved, and one that is not there is said', async () => {
    await rm(deps().folder, { recursive: true })
    expect(await verify()).toMatchObject({ ok: false, size: null })
    await expect(
      verifyCase({ database, verifier, folder: folder.path }, '2026-999999'),
    ).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
