import { expect, test } from 'vitest'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import { findProbeWorkers } from '../../adapters/postgres/workers.ts'
import { createTestDatabase } from '../support/postgres.ts'

test('who would get the next camera comes first; who is full comes last, who left or is silent not at all', async () => {
  await using database = await createTestDatabase()
  const plane = createControlPlane(database)
  const endpoint = { url: 'http://10.0.0.8:8082', secret: 'of this worker' }
  const facts = { version: '1', model: null, endpoint: null }
  for (const name of ['full', 'few', 'gone', 'many', 'silent']) await plane.hold({ name, ...facts }, 8, [])
  await plane.hold({ name: 'few', ...facts, endpoint }, 8, [])
  await database.query("update workers set cameras = 3 where name = 'many'")
  await database.query("update workers set cameras = 2 where name = 'few'")
  await database.query("update workers set cameras = 1, capacity = 1 where name = 'full'")
  await database.query("update workers set last_seen = now() - interval '1 hour' where name = 'silent'")
  await plane.release('gone', 'all')
  expect(await findProbeWorkers(database)).toEqual([
    { worker: 'few', endpoint },
    { worker: 'many', endpoint: null },
    { worker: 'full', endpoint: null },
  ])
})
