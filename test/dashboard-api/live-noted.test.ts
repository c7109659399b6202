import { expect, test } from 'vitest'
import { noted } from '../../dashboard-api/live/noted.ts'

const FACTS = { key: true, capturedAt: 1, mediaMs: 0 }

function setUp() {
  const said: unknown[] = []
  const failures: unknown[] = []
  const row = Promise.withResolvers<void>()
  let notes = 0
  const viewer = noted(
    {
      init: (_bytes, mime) => void said.push(mime),
      fragment: (bytes) => void said.push(bytes[0]),
      ended: (reason, code) => void said.push([reason, code]),
    },
    () => {
      notes += 1
      return row.promise
    },
    (error) => void failures.push(error),
  )
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { viewer, said, failures, row, settled, notes: () => notes }
}

test('what is shown waits for the row, in its order; one row for all of it', async () => {
  const { viewer, said, row, settled, notes } = setUp()
  viewer.init(Uint8Array.of(0), 'mime')
  viewer.fragment(Uint8Array.of(1), FACTS)
  viewer.ended('it broke off')
  await settled()
  expect([said, notes()]).toEqual([[], 1])
  row.resolve()
  await settled()
  viewer.fragment(Uint8Array.of(2), FACTS)
  expect(said).toEqual(['mime', 1, ['it broke off', undefined], 2])
  expect(notes()).toBe(1)
})

test('who is refused has looked at nothing: no row', async () => {
  const { viewer, said, settled, notes } = setUp()
  viewer.ended('full', 'too_many_requests')
  await settled()
  expect([said, notes()]).toEqual([[['full', 'too_many_requests']], 0])
})

test.each(['refused', 'late'])('without the row nothing is ever shown: %s', async (how) => {
  const { viewer, said, failures, row, settled } = setUp()
  viewer.init(Uint8Array.of(0), 'mime')
  if (how === 'refused') row.reject(new Error('the database is away'))
  else for (let n = 0; n < 600; n += 1) viewer.fragment(Uint8Array.of(1), FACTS)
  await settled()
  row.resolve()
  await settled()
  viewer.fragment(Uint8Array.of(2), FACTS)
  expect(said).toEqual([])
  expect(failures).toHaveLength(1)
})
