import { expect, it } from 'vitest'
import { createLatest } from '../../../ingest/decode/latest.ts'

it('gives a slow consumer the newest item, and passes marks of dropped ones on', async () => {
  const seen: { n: number; mark: boolean }[] = []
  const dropped: number[] = []
  let release = Promise.withResolvers<void>()
  const latest = createLatest<{ n: number; mark: boolean }>({
    async consume(item) {
      seen.push(item)
      await release.promise
    },
    onDrop(old, by) {
      dropped.push(old.n)
      return { ...by, mark: by.mark || old.mark }
    },
    onFault: (fault) => expect.unreachable(String(fault)),
  })
  for (let n = 0; n < 6; n++) latest.offer({ n, mark: n === 2 })
  release.resolve()
  release = Promise.withResolvers()
  release.resolve()
  await latest.idle()
  expect(seen).toEqual([
    { n: 0, mark: false },
    { n: 5, mark: true },
  ])
  expect(dropped).toEqual([1, 2, 3, 4])
  latest.offer({ n: 6, mark: false })
  await latest.idle()
  expect(seen.at(-1)?.n).toBe(6)
})

it('goes on after a consumer that throws, and takes nothing once closed', async () => {
  const faults: unknown[] = []
  const seen: number[] = []
  const latest = createLatest<number>({
    consume(item) {
      seen.push(item)
      if (item === 1) throw new Error('no')
    },
    onDrop: (_, by) => by,
    onFault: (fault) => faults.push(fault),
  })
  latest.offer(1)
  await latest.idle()
  latest.offer(2)
  await latest.idle()
  latest.close()
  latest.offer(3)
  await latest.idle()
  expect(seen).toEqual([1, 2])
  expect(faults).toHaveLength(1)
})
