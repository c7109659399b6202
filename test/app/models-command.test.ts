import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { MODEL_FOLDER } from '../../app/model.ts'
import { createProgram } from '../../app/program.ts'
import { echoManifest, echoModel } from '../support/onnx.ts'
import { tempFolder } from '../support/temp-folder.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const ECHO = echoModel()
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const SHA = sha256(ECHO)

/** What a command writes to stdout, its exit code, and the message that it throws; null: none. */
async function models(...words: readonly string[]) {
  const out: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  const ended = createProgram().parseAsync(['node', 'sharp-eyes', 'models', ...words])
  const fault = await ended.then(
    () => null,
    (error: Error) => error.message,
  )
  vi.restoreAllMocks()
  const { exitCode } = process
  process.exitCode = undefined
  return { out: out.join(''), fault, exitCode }
}

async function modelFolder(manifest: object, name = 'echo') {
  const folder = await tempFolder()
  await writeFile(join(folder.path, 'echo.onnx'), ECHO)
  await writeFile(join(folder.path, `${name}.json`), JSON.stringify(manifest))
  return folder
}

test('inspect of a sound model names its labels', async () => {
  await using folder = await modelFolder(echoManifest(SHA))
  const { out, fault } = await models('inspect', join(folder.path, 'echo.json'))
  expect(fault).toBeNull()
  expect(out).toMatch(/^labels {7}1 \(manifest\): thing$/m)
})

test('inspect tells a fault once, and nothing of labels that were not read', async () => {
  await using folder = await modelFolder(echoManifest('a'.repeat(64)))
  const { out, fault } = await models('inspect', join(folder.path, 'echo.json'))
  expect(fault).toMatch(/sha256 is [0-9a-f]{64}, but .*echo\.json says a{64}\. Fetch the file again/)
  expect(out).toMatch(/^model /)
  expect(out).not.toMatch(/labels|null|Fetch the file/)
})

test('verify finds a good copy right, and tells a wrong hash, a missing file and a bad manifest as load does', async () => {
  await using folder = await modelFolder(echoManifest(SHA), 'good')
  const at = (name: string) => join(folder.path, name)
  const good = await models('verify', '--folder', folder.path)
  expect(good).toEqual({ out: `${at('good.json')}\tok\n`, fault: null, exitCode: undefined })

  await writeFile(at('hash.json'), JSON.stringify(echoManifest('a'.repeat(64))))
  await writeFile(at('lost.json'), JSON.stringify(echoManifest(SHA, { file: 'lost.onnx' })))
  await writeFile(at('odd.json'), JSON.stringify(echoManifest(SHA, { licence: 7, labels: [] })))
  const { out, exitCode } = await models('verify', '--folder', folder.path)
  expect(exitCode).toBe(1)
  expect(out.trimEnd().split('\n')).toEqual([
    `${at('good.json')}\tok`,
    expect.stringMatching(/hash\.json\tFAULT: .*sha256 is [0-9a-f]{64}, but .*hash\.json says a{64}\. Fetch/),
    expect.stringMatching(/lost\.json\tFAULT: .*lost\.onnx: there is no such file/),
    expect.stringMatching(
      /odd\.json\tFAULT: .*labels: must be .*; .*licence: must be text; it is 7\. Correct/,
    ),
  ])
})

test('verify of named files as JSON; a file without a manifest cannot be compared', async () => {
  await using folder = await tempFolder()
  const file = join(folder.path, 'bare.onnx')
  const bytes = await readFile(join(MODEL_FOLDER, 'hazard-416.onnx'))
  await writeFile(file, bytes)
  const { out, exitCode } = await models('verify', file, '--json')
  expect(exitCode).toBe(1)
  expect(JSON.parse(out)).toEqual({
    ...{ file, sha256: sha256(bytes) },
    fault: `${file}: no manifest beside it says its sha256, so that nothing can be compared; write one (models/README.md)`,
  })
  const { fault } = await models('verify', 'none-such')
  expect(fault).toMatch(/no model "none-such": known ids are hazard-416/)
})

test('verify of a folder without models is refused', async () => {
  await using folder = await tempFolder()
  const { fault } = await models('verify', '--folder', folder.path)
  expect(fault).toBe(`${folder.path} holds no model to verify: name a manifest or an .onnx file`)
})

test('the models that are shipped are what their manifests say', async () => {
  const { out, exitCode } = await models('verify')
  expect(out).toMatch(/hazard-416\.json\tok\n/)
  expect(exitCode).toBeUndefined()
})
