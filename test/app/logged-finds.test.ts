import { expect, test } from 'vitest'
import { openLoggedFinds } from '../../app/worker/logged-finds.ts'
import type { TrackLogEntry } from '../../core/track-log.ts'
import { HEAD, logged, T0 } from '../ingest/track-log/logged.ts'

const picture = (at: number, score: number | null): TrackLogEntry => ({
  kind: 'picture',
  picture: logged(0, {
    capturedAt: T0 + at,
    detections: score === null ? null : [{ label: 'car', score, changed: 0, box: [0, 0, 1, 1] }],
  }),
})
const logOf = (entries: readonly TrackLogEntry[]) => ({
  async *read() {
    yield* entries
  },
})
const finds = (entries: readonly TrackLogEntry[]) => openLoggedFinds(logOf(entries), 'gate', T0, T0 + 9_000)
const scoresOf = async (entries: readonly TrackLogEntry[], moments: readonly number[]) => {
  await using open = await finds(entries)
  const scores: (number | null | undefined)[] = []
  for (const at of moments) scores.push((await open.of(T0 + at))?.[0]?.score ?? null)
  return scores
}

test('a picture gets what the model found in that very picture, whichever of the two is more often', async () => {
  const entries = [{ kind: 'head', head: HEAD } as const, picture(0, 0.1), picture(40, 0.2), picture(80, 0.3)]
  expect(await scoresOf(entries, [0, 20, 40, 60, 80, 120])).toEqual([0.1, null, 0.2, null, 0.3, null])
  expect(await scoresOf(entries, [80])).toEqual([0.3])
})

test('two milliseconds of rounding are the same picture, three are another', async () => {
  const entries = [picture(100, 0.1), picture(200, 0.2), picture(300, 0.3)]
  expect(await scoresOf(entries, [98, 202, 303])).toEqual([0.1, 0.2, null])
})

test('a picture that the model did not look at, a lost stretch and a later run stand in nobody’s way', async () => {
  const later = { kind: 'head', head: { ...HEAD, run: T0 + 100, labels: ['bus'] } } as const
  const entries = [
    ...[{ kind: 'head', head: HEAD } as const, picture(0, null), { kind: 'lost', pictures: 7 } as const],
    ...[later, picture(100, 0.4)],
  ]
  expect(await scoresOf(entries, [0, 50, 100])).toEqual([null, null, 0.4])
  await using open = await finds(entries)
  expect(open.head).toEqual(HEAD)
})
