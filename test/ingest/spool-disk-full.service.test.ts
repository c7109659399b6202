import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { HazardEvent } from '../../core/event.ts'
import { openSpool, type SpoolState } from '../../ingest/spool/spool.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { mayMount, readingsMessage, smallDisk } from './spool-fixture.ts'

const KIB = 1_024
describe.skipIf(!(await mayMount()))('a full disk', () => {
  test('gives the ballast back, refuses updates, keeps every start and end it took, and recovers', async () => {
    await using disk = await smallDisk(4_096 * KIB)
    if (!disk) throw new Error('the probe could mount, this could not')
    const { path } = disk
    const folder = join(path, 'spool')
    const filler = join(path, 'ring')
    const states: SpoolState[] = []
    const open = () =>
      openSpool({
        folder,
        log: silentLog,
        metrics: recordingMetrics(),
        clock: systemClock,
        limits: { ballastBytes: 512 * KIB },
        onState: (state) => void states.push(state),
      })
    const kept: HazardEvent[] = []
    const start = () => hazardEvent({ detections: bulk })
    {
      await using spool = await open()
      expect(existsSync(join(folder, 'ballast'))).toBe(true)
      const first = start()
      await spool.append(hazardMessage(first, { kind: 'start', seq: 1 }))
      kept.push(first)
      // Somebody else takes the rest of the disk.
      const { bavail, bsize } = statfsSync(path)
      writeFileSync(filler, Buffer.alloc(bavail * bsize))
      expect(() => writeFileSync(join(path, 'more'), Buffer.alloc(64 * KIB))).toThrow(/ENOSPC/)

      while (spool.state === 'ok') {
        const event = start()
        await spool.append(hazardMessage(event, { kind: 'start', seq: 1 }))
        kept.push(event)
      }
      expect(states).toEqual(['disk_full'])
      expect(existsSync(join(folder, 'ballast'))).toBe(false)
      await expect(spool.append(hazardMessage(first, { kind: 'update', seq: 2 }))).rejects.toMatchObject({
        code: 'disk_full',
      })

      // Until there is no byte left: then also a start is refused, and says so.
      let refused: unknown = null
      while (!refused) {
        const event = start()
        const taken = await spool.append(hazardMessage(event, { kind: 'start', seq: 1 })).then(
          () => true,
          (error: unknown) => {
            refused = error
            return false
          },
        )
        if (taken) kept.push(event)
      }
      expect(refused).toMatchObject({ code: 'disk_full' })
    }

    rmSync(filler)
    await using spool = await open()
    const taken = await spool.take(10_000)
    expect(new Set(taken.map((item) => item.message.data.event.id))).toEqual(
      new Set(kept.map((event) => event.id)),
    )
    await spool.remove(taken.map((item) => item.id))
    expect(existsSync(join(folder, 'ballast'))).toBe(true)
    expect(spool.state).toBe('ok')
    await spool.append(hazardMessage(start(), { kind: 'update', seq: 2 }))
  })

  test('refuses readings before it costs events anything: the ballast stays, starts and updates are taken', async () => {
    await using disk = await smallDisk(16_384 * KIB)
    if (!disk) throw new Error('the probe could mount, this could not')
    const folder = join(disk.path, 'spool')
    const readingsStates: string[] = []
    const states: SpoolState[] = []
    const metrics = recordingMetrics()
    await using spool = await openSpool({
      folder,
      log: silentLog,
      metrics,
      clock: systemClock,
      limits: { ballastBytes: 3_072 * KIB },
      onState: (state) => void states.push(state),
      onReadingsState: (state) => void readingsStates.push(state),
    })
    let stored = 0
    let refused: unknown = null
    while (!refused) {
      const batch = Array.from({ length: 500 }, (_, n) => readingsMessage('pm-1', stored + n))
      await spool.readings.append(batch).then(
        () => {
          stored += batch.length
        },
        (error: unknown) => {
          refused = error
        },
      )
    }
    expect(refused).toMatchObject({ code: 'disk_full' })
    expect(readingsStates).toEqual(['disk_full'])
    expect(metrics.counts.get('spool_readings_refused_total{code=disk_full}')).toBe(500)
    expect(existsSync(join(folder, 'ballast'))).toBe(true)
    expect(spool.state).toBe('ok')

    // Events still get in, if need be on the ballast; then readings are refused before they touch the disk.
    while (spool.state === 'ok')
      await spool.append(hazardMessage(hazardEvent({ detections: bulk }), { kind: 'start', seq: 1 }))
    expect(states).toEqual(['disk_full'])
    await expect(spool.readings.append([readingsMessage('pm-2', 1)])).rejects.toMatchObject({
      code: 'disk_full',
    })

    // None of them was stored in part, and when some have left, readings are taken again.
    let left = 0
    for (
      let batch = await spool.readings.take(500);
      batch.length > 0;
      batch = await spool.readings.take(500)
    ) {
      await spool.readings.remove(batch.map((item) => item.id))
      left += batch.length
    }
    expect(left).toBe(stored)
    // The ballast is back: it asks for four times its size, so the file has given back what it took.
    expect(existsSync(join(folder, 'ballast'))).toBe(true)
    await spool.readings.append([readingsMessage('pm-2', 1)])
    expect(readingsStates).toEqual(['disk_full', 'ok'])
  })
})

/** Fat messages, so that a few hundred fill the disk. */
const bulk = Array.from({ length: 20 }, (_, n) => ({
  label: `thing-${n}-${'x'.repeat(200)}`,
  score: 0.5,
  box: [0, 0, 1, 1] as const,
}))
