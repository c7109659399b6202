import { createHash, generateKeyPairSync } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesOf, type PackVerdict, verifyPackFile } from '../../app/pack/verify.ts'
import { signCheckpoint, verifierText } from '../../core/audit/checkpoint.ts'
import { hashFromHex } from '../../core/audit/hash.ts'
import { leafOf } from '../../core/audit/leaf.ts'
import { canonicalText } from '../../core/pack/manifest.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import { waitUntil } from '../support/wait-until.ts'
import { unzip, zipOf } from '../support/zip.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, insertEvidence, picture } from './matters.ts'
import { createLogKey, keepLog } from './signed-log.ts'

type Files = Record<string, Buffer>

let city: TestDashboard
let investigator: Browser
let folder = ''
let no = ''
let alertId = ''
const logKey = createLogKey(() => city.database)
let keeping: AsyncDisposable
/** What the store answers instead, once. */
let broken: ((sha256: string) => Promise<string | null>) | null = null

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-pack-'))
  city = await startDashboard({ prover: logKey.prover }, undefined, (store) => ({
    ...store,
    locate: (sha256) => broken?.(sha256) ?? store.locate(sha256),
  }))
  keeping = await keepLog(city.database, logKey, folder)
  investigator = await city.as('investigator')
  ;({ no, alertId } = await fileCase(city))
})
afterAll(async () => {
  await keeping?.[Symbol.asyncDispose]()
  await city[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** A case with still, clip, their originals, a photo of an officer, and a still that retention has deleted. */
async function fileCase({ database, evidenceStore, as }: TestDashboard, filmBytes = 300_000) {
  const id = await insertAlert(database)
  await insertEvidence(database, evidenceStore, id, 'still', 'masked', await picture())
  await insertEvidence(database, evidenceStore, id, 'still', 'original', await picture(640, 360, 10))
  await insertEvidence(database, evidenceStore, id, 'clip', 'masked', Buffer.alloc(filmBytes, 'film'))
  const old = await insertEvidence(database, evidenceStore, id, 'still', 'masked', Buffer.from('old still'))
  await database.query(
    "update evidence set tombstoned_at = now(), tombstone_reason = 'retention' where id = $1",
    [old],
  )
  const filed = await (await as('operator')).post('/api/cases', { alertId: id })
  const { no: number } = (await filed.json()) as Json
  const officer = await as('officer')
  const { version } = await officer.json(`/api/cases/${number}`)
  await officer.post(`/api/cases/${number}/commands`, { kind: 'accept', version })
  const form = new FormData()
  form.append('file', new Blob([await picture(300, 200, 200)], { type: 'image/jpeg' }), '处置后 照片.jpg')
  expect((await officer.post(`/api/cases/${number}/attachments`, form)).status).toBe(201)
  return { no: number as string, alertId: id }
}

const ask = (more: object = {}, who = investigator): Promise<Response> =>
  who.post(`/api/cases/${no}/pack`, { reason: '法院调取', purpose: '(2026) 冀 01 民初 17 号', ...more })

async function download(
  more: object = {},
): Promise<{ files: Files; zip: Buffer; manifestHash: string | null }> {
  const answer = await ask(more)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/zip')
  const zip = Buffer.from(await answer.arrayBuffer())
  expect(answer.headers.get('content-length')).toBe(String(zip.length))
  return { files: await unzip(zip), zip, manifestHash: answer.headers.get('x-manifest-sha256') }
}

async function check(files: Files | Buffer, key?: string): Promise<PackVerdict> {
  const path = join(folder, 'pack.zip')
  await writeFile(path, Buffer.isBuffer(files) ? files : await zipOf(files))
  return verifyPackFile(path, key)
}
const faults = ({ findings }: PackVerdict) => findings.filter(({ level }) => level === 'fault')
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const json = (bytes: Buffer | undefined): Json => JSON.parse(bytes?.toString() ?? '')

test('the pack has everything of the case, masked, with its proofs; the tool finds it intact', async () => {
  const { files, zip, manifestHash } = await download()
  const manifest = json(files['manifest.json'])
  expect(manifest.case).toMatchObject({ no, state: 'handling', lead: 'ecology', held: false })
  expect(manifest.alert).toMatchObject({ id: alertId, rule: { version: '1' }, model: null })
  expect(manifest.alert.cause.measured).toEqual({ darkness: 2.4 })
  expect(manifest.made).toMatchObject({ by: 'investigator', reason: '法院调取', originals: false })
  const evidence = manifest.files.filter((file: Json) => file.evidence !== null)
  expect(evidence.map(({ kind, variant }: Json) => [kind, variant])).toEqual([
    ['still', 'masked'],
    ['still', 'masked'],
    ['clip', 'masked'],
    ['attachment', null],
  ])
  expect(evidence[0]).toMatchObject({
    camera: 'works-chimney',
    cameraName: { zh: '三号烟囱' },
    clock: { kind: 'arrival', errorMs: 40 },
  })
  expect(evidence[3]).toMatchObject({ name: '处置后 照片.jpg', by: 'officer', path: 'attachments/004.jpg' })
  expect(evidence.filter(({ path }: Json) => path === null)).toMatchObject([
    { sha256: sha256(Buffer.from('old still')), deleted: { reason: 'retention' } },
  ])
  expect(json(files['log.json']).map(({ kind }: Json) => kind)).toEqual(
    expect.arrayContaining(['file', 'dispatch', 'accept', 'attachment']),
  )
  expect(json(files['changes.json']).map(({ topic }: Json) => topic)).toEqual(
    expect.arrayContaining(['case', 'alert']),
  )
  expect(files['README.txt']?.toString()).toContain('sha256sum')
  expect(sha256(files['manifest.json'] ?? Buffer.alloc(0))).toBe(manifestHash)

  const verdict = await check(zip)
  expect(faults(verdict)).toEqual([])
  expect(verdict).toMatchObject({ intact: true, case: no, manifestSha256: manifestHash })
  expect(verdict.findings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['intact', 'proven', 'signed', 'own_key', 'deleted']),
  )
  expect(linesOf(verdict).at(-1)).toBe(`intact: case ${no}, manifest ${manifestHash}`)
})

test('the log of the case has the hash of what was exported, and looks say who and why', async () => {
  const { manifestHash } = await download()
  const { log } = await investigator.json(`/api/cases/${no}`)
  expect(log.at(-1)).toMatchObject({
    kind: 'exported',
    actor: 'investigator',
    role: 'investigator',
    reason: '法院调取',
    data: { manifest: manifestHash, originals: false, purpose: '(2026) 冀 01 民初 17 号' },
  })
  const { rows } = await city.database.query<Json>(
    'select who, what, purpose, reason, case_no from looks where object = $1 order by id desc limit 1',
    [`case:${no}`],
  )
  expect(rows[0]).toEqual({
    who: 'investigator',
    what: 'pack',
    purpose: '(2026) 冀 01 民初 17 号',
    reason: '法院调取',
    case_no: no,
  })
})

test('originals come only when they are asked for, and break the seal in looks', async () => {
  const { files, zip } = await download({ originals: true })
  const sealed = json(files['manifest.json']).files.filter(({ variant }: Json) => variant === 'original')
  expect(sealed).toMatchObject([{ kind: 'still', masking: null }])
  expect((await check(zip)).intact).toBe(true)
  const { rowCount } = await city.database.query(
    "select 1 from looks where object = $1 and what = 'original' and reason = '法院调取'",
    [`alert:${alertId}`],
  )
  expect(rowCount).toBe(1)
})

test('only investigators and auditors export, with reason and purpose', async () => {
  for (const name of ['operator', 'officer', 'verifier', 'admin'])
    expect((await ask({}, await city.as(name))).status).toBe(403)
  expect((await ask({ reason: ' ' })).status).toBe(422)
  expect((await ask({ purpose: '' })).status).toBe(422)
  expect(
    (await investigator.post('/api/cases/2020-000001/pack', { reason: 'court', purpose: 'file' })).status,
  ).toBe(404)
})

describe('tampering', () => {
  let pack: Files
  beforeAll(async () => {
    pack = (await download({ originals: true })).files
  })

  test('one changed byte in any file is found, and the line names the file', async () => {
    expect(Object.keys(pack).length).toBeGreaterThan(10)
    for (const [name, content] of Object.entries(pack)) {
      const places = [0, content.length >> 1, content.length - 1, Math.floor(content.length * 0.77)]
      for (const at of places) {
        const changed = Buffer.from(content)
        changed[at] = (changed[at] ?? 0) ^ 1
        const verdict = await check({ ...pack, [name]: changed })
        expect(verdict.intact, `${name} at ${at}`).toBe(false)
        expect(
          faults(verdict).map(({ file }) => file),
          `${name} at ${at}`,
        ).toContain(name)
      }
    }
  })

  test('a removed file and an added file are named', async () => {
    for (const name of Object.keys(pack)) {
      const { [name]: _, ...rest } = pack
      const verdict = await check(rest)
      expect(faults(verdict), name).toContainEqual(expect.objectContaining({ file: name, code: 'missing' }))
    }
    const added = await check({ ...pack, 'stills/999.jpg': Buffer.from('x') })
    expect(faults(added)).toMatchObject([{ file: 'stills/999.jpg', code: 'not_listed' }])
  })

  test('a manifest that was made anew for a changed picture is not the one that was exported', async () => {
    const name = Object.keys(pack).find((each) => each.startsWith('stills/')) ?? ''
    const other = await picture(64, 64, 7)
    const manifest = json(pack['manifest.json'])
    Object.assign(
      manifest.files.find((file: Json) => file.path === name),
      {
        sha256: sha256(other),
        bytes: other.length,
      },
    )
    const verdict = await check({
      ...pack,
      [name]: other,
      'manifest.json': Buffer.from(canonicalText(manifest)),
    })
    expect(faults(verdict)).toMatchObject([{ file: 'manifest.json', code: 'wrong_hash' }])
  })

  test('swapped, missing and foreign proofs are named', async () => {
    const proofs = json(pack['proofs.json'])
    const [first, second] = proofs.changes
    const swap = (changes: Json) =>
      check({ ...pack, 'proofs.json': Buffer.from(canonicalText({ ...proofs, changes })) })
    const swapped = await swap([
      { ...first, path: second.path },
      { ...second, path: first.path },
      ...proofs.changes.slice(2),
    ])
    expect(faults(swapped).map(({ file, code }) => [file, code])).toEqual([
      ['proofs.json', 'wrong_proof'],
      ['proofs.json', 'wrong_proof'],
    ])
    expect(faults(await swap(proofs.changes.slice(1)))).toMatchObject([{ code: 'no_proof' }])
    expect(faults(await swap([...proofs.changes, { pos: '999999', path: [] }]))).toMatchObject([
      { code: 'proof_of_nothing' },
    ])
    expect(faults(await swap([...proofs.changes, first]))).toMatchObject([{ code: 'proof_twice' }])
  })

  test('an export of another case, with its own true proof, is no export of this one', async () => {
    const other = await fileCase(city)
    const answer = await investigator.post(`/api/cases/${other.no}/pack`, {
      reason: 'court',
      purpose: 'file',
    })
    const foreign = await unzip(Buffer.from(await answer.arrayBuffer()))
    const verdict = await check({
      ...pack,
      ...Object.fromEntries(
        ['proofs.json', 'checkpoint.txt'].map((name) => [name, foreign[name] ?? Buffer.of()]),
      ),
    })
    expect(faults(verdict).map(({ code }) => code)).toContain('no_export')
  })

  test("everything signed anew by another hand passes with the pack's own key, and not with the log's", async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const change = json(pack['proofs.json']).export.change
    const manifest = json(pack['manifest.json'])
    manifest.made.reason = 'another reason'
    const text = Buffer.from(canonicalText(manifest))
    change.payload.exported.manifest = sha256(text)
    change.pos = '1'
    const root = leafOf(change)
    const changes = Buffer.from('[]')
    Object.assign(
      manifest.files.find((file: Json) => file.path === 'changes.json'),
      {
        sha256: sha256(changes),
        bytes: 2,
      },
    )
    const forgedManifest = Buffer.from(canonicalText(manifest))
    change.payload.exported.manifest = sha256(forgedManifest)
    const forgedRoot = leafOf(change)
    expect(forgedRoot).not.toEqual(root)
    const forged = {
      ...pack,
      'manifest.json': forgedManifest,
      'changes.json': changes,
      'proofs.json': Buffer.from(
        canonicalText({
          size: 1,
          root: Buffer.from(forgedRoot).toString('hex'),
          changes: [],
          export: { change, path: [] },
        }),
      ),
      'checkpoint.txt': Buffer.from(
        signCheckpoint(
          {
            origin: 'test.example/log',
            size: 1,
            root: hashFromHex(Buffer.from(forgedRoot).toString('hex')) ?? forgedRoot,
            at: null,
          },
          privateKey,
        ),
      ),
      'log-key.txt': Buffer.from(`${verifierText('test.example/log', privateKey)}\n`),
    }
    const own = await check(forged)
    expect(own.intact).toBe(true)
    expect(own.findings.map(({ code }) => code)).toContain('own_key')
    const key = join(folder, 'trusted.txt')
    await writeFile(key, pack['log-key.txt'] ?? '')
    const trusted = await check(forged, key)
    expect(faults(trusted).map(({ file, code }) => [file, code])).toEqual([
      ['log-key.txt', 'other_key'],
      ['checkpoint.txt', 'no_signature'],
    ])
    const good = await check(pack, key)
    expect(faults(good)).toEqual([])
    expect(good.findings.map(({ code }) => code)).not.toContain('own_key')
  })
})

describe('what can go wrong on the way', () => {
  test('damaged or missing bytes are a problem before the first byte, and no pack', async () => {
    const wrong = join(folder, 'wrong.jpg')
    await writeFile(wrong, 'other bytes')
    for (const locate of [async () => wrong, async () => null] satisfies EvidenceStore['locate'][]) {
      broken = locate
      const answer = await ask()
      broken = null
      expect(answer.status).toBe(500)
      expect(answer.headers.get('content-disposition')).toBeNull()
    }
  })

  test('a full disk is said, with the way out', async () => {
    broken = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))
    const answer = await ask()
    broken = null
    expect(answer.status).toBe(507)
    expect(((await answer.json()) as Json).code).toBe('disk_full')
  })

  test('a download that breaks off leaves no open file and no file, and the next one goes', async () => {
    const before = openFiles()
    // More than the sockets hold: the film is being read when the caller hangs up.
    const long = await fileCase(city, 40 * 2 ** 20)
    for (let n = 0; n < 3; n++) {
      const hang = new AbortController()
      const answer = await investigator.fetch(`/api/cases/${long.no}/pack`, {
        method: 'POST',
        headers: { 'X-Sharp-Eyes': '1', 'Content-Type': 'application/json' },
        body: JSON.stringify({ reason: 'court', purpose: 'file' }),
        signal: hang.signal,
      })
      await answer.body?.getReader().read()
      await waitUntil('the film is being read', () => openFiles() > before)
      hang.abort()
    }
    await waitUntil('evidence is closed again', () => openFiles() <= before)
    expect((await check((await download()).zip)).intact).toBe(true)
  })

  test('at most two packs at once', async () => {
    const gate = Promise.withResolvers<void>()
    broken = async (sha256) => {
      await gate.promise
      return city.evidenceStore.locate(sha256)
    }
    const asked = [ask(), ask()]
    await new Promise((done) => setTimeout(done, 1_500))
    const third = await ask()
    broken = null
    gate.resolve()
    expect(third.status).toBe(429)
    for (const each of asked) expect((await (await each).arrayBuffer()).byteLength).toBeGreaterThan(1_000)
    expect((await ask()).status).toBe(200)
  })
})

/** Files of the evidence store that this process has open. */
function openFiles(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('.evidence')
    } catch {
      return false // closed meanwhile
    }
  }).length
}
