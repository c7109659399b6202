import { describe, expect, it } from 'vitest'
import { createStillMaker } from '../../app/worker/stills.ts'
import { cameraSchema } from '../../core/config/city.ts'
import type { EventStill } from '../../core/event.ts'
import type { FullPicture } from '../../core/ports/evidence.ts'
import { hazardEvent, TEST_TIME } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'

const camera = cameraSchema.parse({
  id: 'cam-1',
  name: { zh: '一号', en: 'One' },
  purpose: 'public_safety',
  url: 'film.mp4',
  masking: { none: 'generated scene' },
})
const picture: FullPicture = { width: 2, height: 2, rgb: new Uint8Array(12), capturedAt: TEST_TIME }

/** A maker whose ring answers when the test says so. */
function slowMaker() {
  const clock = manualClock(TEST_TIME)
  const metrics = recordingMetrics()
  const ring = Promise.withResolvers<FullPicture | null>()
  const maker = createStillMaker({
    source: {
      still: () => ring.promise,
      pin: async () => undefined,
      unpin: async () => undefined,
      pinned: async () => [],
      clip: async () => null,
    },
    store: {
      put: async () => ({ sha256: 'a'.repeat(64), bytes: 4 }),
    },
    masker: {
      still: async () => ({ jpeg: new Uint8Array(4), method: 'none@1' }),
      clip: async () => ({ method: 'none@1' }),
    },
    clock,
    log: silentLog,
    metrics,
  })
  return { maker, clock, metrics, ring }
}

describe('the still of an event', () => {
  it('is there with the event when it is made in time', async () => {
    const { maker, ring } = slowMaker()
    ring.resolve(picture)
    expect(await maker.take(hazardEvent(), camera)).toMatchObject({ method: 'none@1', capturedAt: TEST_TIME })
  })

  it('does not hold the event up, and follows when it is there after all', async () => {
    const { maker, clock, metrics, ring } = slowMaker()
    const late = Promise.withResolvers<EventStill>()
    const taken = maker.take(hazardEvent(), camera, late.resolve)
    clock.advance(4_000)
    expect(await taken).toMatchObject({ failed: expect.stringContaining('longer than 4000 ms') })
    expect([...metrics.counts]).toEqual([['stills_late_total{}', 1]])
    ring.resolve(picture)
    expect(await late.promise).toMatchObject({ method: 'none@1', capturedAt: TEST_TIME })
  })

  it('is called failed, with the reason, when the ring does not hold it', async () => {
    const { maker, metrics, ring } = slowMaker()
    ring.resolve(null)
    expect(await maker.take(hazardEvent(), camera)).toEqual({ failed: 'the ring does not hold the picture' })
    expect(metrics.counts.get('still_failures_total{}')).toBe(1)
  })
})
