import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { recordedFragments } from '../../../ingest/evidence/recorded-fragments.ts'
import { createRing } from '../../../ingest/ring/ring.ts'
import { testFilm } from '../../support/films.ts'
import { fragmentsOf, handHub } from '../../support/fragments.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { tempFolder } from '../../support/temp-folder.ts'

test('the recording is handed on as the hub did: a loop is a jump within its connection, a reconnect another one', {
  timeout: 60_000,
}, async () => {
  await using folder = await tempFolder()
  const hub = handHub('gate')
  const ring = createRing({
    ...{ camera: 'gate', hub, folder: join(folder.path, 'gate'), hours: 2, tuning: { fileMs: 1_000 } },
    ...{ clock: systemClock, log: silentLog, metrics: recordingMetrics() },
  })
  const at = Date.now() - 600_000
  const { init, fragments } = await fragmentsOf(await testFilm(), { startedAt: at })
  const later = (mediaMs: number, ms: number, connection: number) =>
    fragments.map((one, n) => ({
      ...{ ...one, connection, index: one.index + (connection === 1 ? fragments.length : 0) },
      ...{
        mediaMs: one.mediaMs + mediaMs,
        capturedAt: one.capturedAt + ms,
        discontinuity: n === 0 && connection === 1,
      },
    }))
  try {
    hub.init(init)
    for (const fragment of fragments) hub.fragment(fragment)
    // The film starts over: its media time goes on, as `moveDecodeTime` does it; the bytes of this test say the same time again.
    for (const fragment of later(0, 4_100, 1)) hub.fragment(fragment)
    hub.ended('away for three seconds')
    hub.init({ ...init, connection: 2 })
    for (const fragment of later(0, 11_000, 2)) hub.fragment(fragment)
    await ring.flush()

    const seen: string[] = []
    const times: number[] = []
    const places = { rings: () => ring, folder: folder.path }
    for await (const item of recordedFragments(places, 'gate', at + 2_500, at + 14_000)) {
      if (item.kind === 'init') seen.push(`init ${item.init.connection}`)
      else {
        const { connection, discontinuity, capturedAt, key } = item.fragment
        if (discontinuity) seen.push(`jump in ${connection}`)
        if (times.length === 0) expect(key).toBe(true)
        times.push(capturedAt - at)
      }
    }
    expect(seen).toEqual(['init 1', 'jump in 1', 'init 2'])
    // From the key frame before the beginning up to the one at the end.
    expect(times[0]).toBe(2_000)
    expect(times.at(-1)).toBe(13_960)
    expect(times).toHaveLength(50 + 100 + 75)
  } finally {
    await ring.stop()
  }
})
