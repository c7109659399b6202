import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const PARTS = join(import.meta.dirname, '../../../dashboard-api/web/src/words/zh')

// The parts are spread into one object: a second key of the same name would silently hide the first one's words.
it('no part of the dictionary hides the words of another', async () => {
  const owners = new Map<string, string[]>()
  for (const file of readdirSync(PARTS)) {
    const part = (await import(join(PARTS, file))) as Record<string, object>
    for (const key of Object.values(part).flatMap((words) => Object.keys(words)))
      owners.set(key, [...(owners.get(key) ?? []), file])
  }
  expect(owners.size).toBeGreaterThan(20)
  expect([...owners].filter(([, files]) => files.length > 1)).toEqual([])
})
