import { expect, test } from 'vitest'
import { sayingWhenAway } from '../../adapters/control/database-away.ts'

const failing = (code: string, message = 'as PostgreSQL says it') =>
  sayingWhenAway(async () => {
    throw Object.assign(new Error(message), { code })
  })

test.for([
  ['ECONNREFUSED', 'nobody listens'],
  ['57P03', 'it starts'],
  ['08006', 'the connection broke'],
  ['53300', 'too many connections'],
  ['53100', 'its disk is full'],
  ['53200', 'it has no memory'],
  ['58030', 'its disk fails'],
  ['25006', 'it is a stand-by'],
] as const)('%s is an outage (%s): cameras stay where they are', async ([code]) => {
  await expect(failing(code)).rejects.toMatchObject({ code: 'database_unavailable' })
})

test.for(['22P02', '23505', '42703', '40001', '28P01'])('%s is none', async (code) => {
  await expect(failing(code)).rejects.toMatchObject({ code })
})
