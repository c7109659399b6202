import { Command } from 'commander'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import { createWorkerTokens } from '../../adapters/postgres/workers.ts'
import { addWorkers } from '../../app/commands/workers.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'

let database: TestDatabase
let folder: Awaited<ReturnType<typeof tempFolder>>
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await tempFolder()
  vi.stubEnv('DATABASE_URL', database.url)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** What a command writes; rejects as the command line would. */
async function run(...args: string[]): Promise<{ out: string; err: string }> {
  const said = { out: '', err: '' }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.out += text
    return true
  })
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.err += text
    return true
  })
  try {
    const program = new Command().exitOverride()
    addWorkers(program)
    await program.parseAsync(['workers', ...args, '--data', folder.path], { from: 'user' })
    return said
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

test('a token is printed once, works, is listed without itself, and is taken back', async () => {
  const { out, err } = await run('add', 'hall')
  const token = out.trim()
  expect(token).toMatch(/^sew_[\w-]{43}_hall$/)
  expect(err).toMatch(/WORKER_TOKEN_FILE.*CONTROL_URL/)
  expect(err).not.toContain(token.slice(4, 40))
  const tokens = createWorkerTokens(database)
  expect(await tokens.find(token)).toMatchObject({ name: 'hall', revokedAt: null })
  expect(await tokens.find(`${token}x`)).toBeNull()

  const facts = {
    name: 'hall/gpu-1',
    version: '0.1.0',
    model: 'street-1',
    endpoint: null,
    clockSkewMs: 1_234,
  }
  await createControlPlane(database).hold(facts, 40, [])
  const list = (await run('list')).out
  expect(list).toMatch(/token hall: made at .* by .*, shown last at/)
  expect(list).toContain(
    'worker hall/gpu-1: 0 cameras (of at most 40), version 0.1.0, model street-1, its clock 1.23 s ahead',
  )
  expect(list).not.toContain(token.slice(4, 40))
  const json = JSON.parse((await run('list', '--json')).out) as Record<'tokens' | 'workers', object[]>
  expect(json.tokens).toMatchObject([{ name: 'hall', revokedAt: null }])
  expect(json.workers).toMatchObject([{ name: 'hall/gpu-1', present: true, capacity: 40 }])

  expect((await run('revoke', 'hall')).out).toMatch(/token hall: .*revoked at/)
  expect((await tokens.find(token))?.revokedAt).toBeInstanceOf(Date)
  // Nobody waits for it any more.
  expect((await run('list')).out).toContain('worker hall/gpu-1: gone')
  const again = JSON.parse((await run('add', 'hall', '--json')).out) as { token: string }
  expect(again.token).not.toBe(token)
})

test.each([
  [['add', 'two words'], /no name for a worker/],
  [['add', ''], /no name for a worker/],
  [['revoke', 'nobody'], /workers list/],
])('%j is refused with the way out', async (args, text) => {
  await expect(run(...args)).rejects.toThrow(text)
})

test('a name that has a token is not given twice', async () => {
  await run('add', 'gate')
  await expect(run('add', 'gate')).rejects.toThrow(/workers revoke gate/)
})
