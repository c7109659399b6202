import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readZip, ZIP_LIMITS } from '../../app/pack/read-zip.ts'
import { linesOf, verifyPackFile } from '../../app/pack/verify.ts'
import { zipOf } from '../support/zip.ts'

const MAIN = resolve(import.meta.dirname, '../../app/main.ts')
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-zip-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function write(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${Math.random()}.zip`)
  await writeFile(path, bytes)
  return path
}
const faultsOf = async (bytes: Uint8Array, limits = ZIP_LIMITS) =>
  (await readZip(await write(bytes), limits)).faults.map(({ code, file }) => [code, file])

/** Every place where the ZIP has this name, in its headers and its directory. */
function rename(zip: Buffer, from: string, to: string): Buffer {
  expect(to.length).toBe(from.length)
  const changed = Buffer.from(zip)
  for (let at = changed.indexOf(from); at >= 0; at = changed.indexOf(from, at + 1)) changed.write(to, at)
  return changed
}

test('a good ZIP has no faults, and every file its hash', async () => {
  const { contents, faults } = await readZip(
    await write(await zipOf({ 'a.txt': Buffer.from('abc'), 'log.json': Buffer.from('[]') })),
  )
  expect(faults).toEqual([])
  expect(contents.files.get('a.txt')).toEqual({
    bytes: 3,
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  })
  expect([...contents.texts]).toEqual([['log.json', '[]']])
})

test('names that lead out of a folder are refused', async () => {
  const zip = await zipOf({ 'aa/evil.txt': Buffer.from('x') })
  expect(await faultsOf(rename(zip, 'aa/evil.txt', '../evil.txt'))).toEqual([['unsafe_name', null]])
  expect(await faultsOf(rename(zip, 'aa/evil.txt', '/a/evil.txt'))).toEqual([['unsafe_name', null]])
  expect(await faultsOf(rename(zip, 'aa/evil.txt', '..\\evil.txt'))).toEqual([['unsafe_name', null]])
})

test('one name twice, links, folders and too many files are refused', async () => {
  const two = await zipOf({ 'a.txt': Buffer.from('x'), 'b.txt': Buffer.from('y') })
  expect(await faultsOf(rename(two, 'b.txt', 'a.txt'))).toEqual([['name_twice', 'a.txt']])
  expect(await faultsOf(await zipOf({ 'a.txt': Buffer.from('/etc/passwd') }, { mode: 0o120777 }))).toEqual([
    ['no_file', 'a.txt'],
  ])
  expect(await faultsOf(rename(two, 'b.txt', 'bbbb/'))).toEqual([['no_file', 'bbbb/']])
  expect(await faultsOf(two, { ...ZIP_LIMITS, entries: 1 })).toEqual([['too_many_files', null]])
})

test('a bomb is refused before it is unpacked', async () => {
  const bomb = await zipOf({ 'a.bin': Buffer.alloc(20 * 2 ** 20) }, { compress: true })
  expect(bomb.length).toBeLessThan(100_000)
  expect(await faultsOf(bomb)).toEqual([['bomb', 'a.bin']])
  expect(await faultsOf(bomb, { ...ZIP_LIMITS, bytes: 2 ** 20 })).toEqual([['bomb', null]])
  expect(await faultsOf(bomb, { ...ZIP_LIMITS, ratio: 1e9 })).toEqual([])
  const big = await zipOf({ 'log.json': Buffer.alloc(2_000) })
  expect(await faultsOf(big, { ...ZIP_LIMITS, documentBytes: 1_000 })).toEqual([['too_large', 'log.json']])
})

test('what is no ZIP, or half of one, is a verdict and no crash', async () => {
  expect(await faultsOf(Buffer.from('no zip at all'))).toEqual([['no_zip', null]])
  expect(await faultsOf(Buffer.alloc(0))).toEqual([['no_zip', null]])
  const whole = await zipOf({ 'a.txt': Buffer.from('abc') })
  for (let length = 1; length < whole.length; length += 7)
    expect(await faultsOf(whole.subarray(0, length))).toEqual([['no_zip', null]])
  const verdict = await verifyPackFile(await write(Buffer.from('no zip')))
  expect(verdict.intact).toBe(false)
  expect(linesOf(verdict).at(-1)).toMatch(/^NOT intact/)
})

test('bytes changed anywhere in a ZIP never crash the reader', async () => {
  const whole = await zipOf({ 'manifest.json': Buffer.from('{"a":1}'), 'b.txt': Buffer.from('bbbb') })
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] ?? 0) ^ 0xff
    expect((await verifyPackFile(await write(changed))).intact).toBe(false)
  }
})

test('hostile documents become faults', async () => {
  const documents = [
    '{',
    'null',
    '{"format":"\\ud800"}',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    '\xff',
  ]
  for (const text of documents) {
    const path = await write(
      await zipOf({
        'manifest.json': Buffer.from(text),
        'log.json': Buffer.from(text),
        'proofs.json': Buffer.from(text),
      }),
    )
    expect((await verifyPackFile(path)).intact).toBe(false)
  }
})

const run = (...words: readonly string[]) =>
  new Promise<{ code: number; out: string }>((done) => {
    execFile(process.execPath, [MAIN, 'verify-evidence', ...words], (error, out) =>
      done({ code: Number(error?.code ?? 0), out }),
    )
  })

test('the command says what it found, and ends with 1 on a fault', { timeout: 90_000 }, async () => {
  const pack = await write(await zipOf({ 'manifest.json': Buffer.from('{}') }))
  const told = await run(pack)
  expect(told.code).toBe(1)
  expect(told.out).toMatch(/^FAULT manifest\.json: is not what it should be/m)
  expect(told.out.trimEnd().split('\n').at(-1)).toMatch(/^NOT intact: .* faults$/)
  const json = await run(pack, '--json')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.out)).toMatchObject({ intact: false, case: null })
})

test('a pack or key that cannot be read is said', async () => {
  const pack = await write(await zipOf({ 'manifest.json': Buffer.from('{}') }))
  await expect(verifyPackFile(join(folder, 'absent.zip'))).rejects.toThrow(/there is no such file/)
  await expect(verifyPackFile(pack, pack)).rejects.toThrow(/is no key of a log/)
  await expect(verifyPackFile(pack, join(folder, 'absent'))).rejects.toThrow(/cannot be read/)
})
