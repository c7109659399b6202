import { expect, test } from 'vitest'
import { bind, closeServer } from '../../app/roles/serving.ts'

test('connections that cannot be accepted do not end the process', async () => {
  const { server } = await bind({ port: 0, listen: '127.0.0.1' })
  for (let n = 0; n < 2; n += 1) server.emit('error', new Error('accept EMFILE'))
  expect(server.listening).toBe(true)
  await closeServer(server)
})
