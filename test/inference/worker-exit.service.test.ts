import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { echoModelFile } from '../support/echo-model.ts'
import { slowModel } from '../support/onnx.ts'

const CHILD = fileURLToPath(new URL('./worker-exit-child.ts', import.meta.url))

describe('a process that ends while a session runs', () => {
  let slow: Awaited<ReturnType<typeof echoModelFile>>
  beforeAll(async () => {
    slow = await echoModelFile(slowModel())
  })
  afterAll(() => slow[Symbol.asyncDispose]())

  const end = async (way: string) => {
    const child = spawn(process.execPath, [CHILD, slow.file, way], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = once(child, 'exit')
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    const [code, signal] = await exited
    return { code, signal, stdout, stderr }
  }

  test('stop lets the runs finish: exit code 0', async () => {
    expect(await end('stop')).toEqual({
      code: 0,
      signal: null,
      stdout: 'answered before: 0\nanswered after: 2\n',
      stderr: '',
    })
  }, 60_000)

  test('process.exit() keeps its code instead of SIGABRT', async () => {
    expect(await end('exit')).toEqual({ code: 3, signal: null, stdout: 'answered before: 0\n', stderr: '' })
  }, 60_000)

  test('an uncaught error ends with 1 and its own text', async () => {
    const { code, signal, stderr } = await end('throw')
    expect({ code, signal }).toEqual({ code: 1, signal: null })
    expect(stderr).toContain('something else went wrong')
    expect(stderr).not.toContain('Napi')
  }, 60_000)
})
