import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createProgram } from '../../app/program.ts'
import { echoManifest, echoModel } from '../support/onnx.ts'
import { tempFolder } from '../support/temp-folder.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const ECHO = echoModel()
const SHA = createHash('sha256').update(ECHO).digest('hex')

/** What a command writes to stdout, and the message that it ends with; null: it ends well. */
async function models(...words: readonly string[]): Promise<{ out: string; fault: string | null }> {
  const out: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  const ended = createProgram().parseAsync(['node', 'sharp-eyes', 'models', ...words])
  const fault = await ended.then(
    () => null,
    (error: Error) => error.message,
  )
  vi.restoreAllMocks()
  return { out: out.join(''), fault }
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
