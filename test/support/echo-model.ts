import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { echoManifest, echoModel } from './onnx.ts'

/** A folder with a little real model and its manifest, for tests of threads: `file` is the ONNX file. */
export async function echoModelFile(
  bytes: Uint8Array = echoModel(),
): Promise<{ file: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-echo-'))
  const file = join(folder, 'echo.onnx')
  await writeFile(file, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await writeFile(join(folder, 'echo.json'), JSON.stringify(echoManifest(sha256)))
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
