import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LONGEST_RING_MS, removeLeftovers } from '../../app/worker/leftovers.ts'
import { silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'

const NOW = 1_700_000_000_000
const HOUR_MS = 3_600_000

test('recordings of a camera that went to another worker go after three days; those of held cameras stay', async () => {
  const ringFolder = await mkdtemp(join(tmpdir(), 'leftovers-'))
  const file = async (camera: string, name: string, hoursAgo: number) => {
    await mkdir(join(ringFolder, camera), { recursive: true })
    const path = join(ringFolder, camera, name)
    await writeFile(path, name)
    const at = new Date(NOW - hoursAgo * HOUR_MS)
    await utimes(path, at, at)
  }
  await file('held', 'old', 100)
  await file('moved', 'old', 73)
  await file('moved', 'young', 71)
  await file('gone', 'old', 73)
  let removed = 0
  const deps = {
    ...{ folder: ringFolder, keepMs: LONGEST_RING_MS, log: silentLog },
    isHeld: (camera: string) => camera === 'held',
    onRemoved() {
      removed += 1
    },
  }
  await removeLeftovers({ ...deps, clock: manualClock(NOW) })
  expect((await readdir(ringFolder, { recursive: true })).sort()).toEqual([
    ...['held', join('held', 'old'), 'moved', join('moved', 'young')],
  ])
  expect(removed).toBe(2)
  await rm(ringFolder, { recursive: true })
})
