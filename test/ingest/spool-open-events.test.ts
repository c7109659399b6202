import { describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { HazardEvent, HazardMessage } from '../../core/event.ts'
import { createOpenEvents } from '../../ingest/spool/open-events.ts'
import { openSpool, type Spool } from '../../ingest/spool/spool.ts'
import { hazardEvent, TEST_TIME } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { tempFolder } from '../support/temp-folder.ts'

const place = ({ data }: HazardMessage) => `${data.kind} ${data.epoch}.${data.seq}`
const ended = (event: HazardEvent): HazardEvent => ({
  ...event,
  endedAt: event.startedAt + 1,
  endReason: 'gone',
})

/** Everything the spool was given, and a way to make it refuse. */
function watched(spool: Spool) {
  const appended: string[] = []
  const refuse = { next: 0 }
  return {
    appended,
    refuse,
    spool: {
      ...spool,
      async append(message: HazardMessage) {
        if (refuse.next-- > 0) throw new SharpEyesError('disk_full', 'no space')
        await spool.append(message)
        appended.push(place(message))
      },
    },
  }
}

async function setUp(folder: string) {
  const clock = manualClock(TEST_TIME)
  const real = await openSpool({
    folder,
    log: silentLog,
    metrics: recordingMetrics(),
    clock: systemClock,
    limits: { ballastBytes: 4_096 },
  })
  const { spool, appended, refuse } = watched(real)
  const events = await createOpenEvents({
    spool,
    worker: 'w',
    clock,
    log: silentLog,
    metrics: recordingMetrics(),
  })
  return { clock, appended, refuse, events, spool: real, close: () => real[Symbol.asyncDispose]() }
}

describe('one process', () => {
  test('seq counts the messages of an event within its epoch', async () => {
    await using folder = await tempFolder()
    const { events, appended, close } = await setUp(folder.path)
    const event = hazardEvent()
    await events.publish({ kind: 'start', event }, 1)
    await Promise.all([
      events.publish({ kind: 'update', event }, 1),
      events.publish({ kind: 'update', event }, 1),
    ])
    await events.publish({ kind: 'update', event }, 3)
    await events.publish({ kind: 'end', event: ended(event) }, 3)
    expect(appended).toEqual(['start 1.1', 'update 1.2', 'update 1.3', 'update 3.1', 'end 3.2'])
    expect(events.openOf('cam-1')).toEqual([])
    await close()
  })

  test('after its end, and under an old epoch, an event takes nothing', async () => {
    await using folder = await tempFolder()
    const { events, close } = await setUp(folder.path)
    const event = hazardEvent()
    await events.publish({ kind: 'start', event }, 2)
    await expect(events.publish({ kind: 'update', event }, 1)).rejects.toMatchObject({
      code: 'state_conflict',
    })
    await events.publish({ kind: 'end', event: ended(event) }, 2)
    await expect(events.publish({ kind: 'update', event }, 2)).rejects.toThrow(/has ended/)
    await close()
  })

  test('an open event is sent again after 30 s of silence with its whole state, an ended one is not', async () => {
    await using folder = await tempFolder()
    const { clock, events, appended, close } = await setUp(folder.path)
    const [open, over] = [hazardEvent(), hazardEvent()]
    await events.publish({ kind: 'start', event: open }, 1)
    await events.publish({ kind: 'start', event: over }, 1)
    await events.publish({ kind: 'end', event: ended(over) }, 1)
    clock.advance(29_999)
    expect(await events.runOnce()).toBe(0)
    clock.advance(1)
    expect(await events.runOnce()).toBe(1)
    expect(appended.at(-1)).toBe('update 1.2')
    expect(await events.runOnce()).toBe(0)
    await close()
  })

  test('a start and an end that the disk refused are tried again as what they are', async () => {
    await using folder = await tempFolder()
    const { clock, events, appended, refuse, close } = await setUp(folder.path)
    const event = hazardEvent()
    refuse.next = 1
    await expect(events.publish({ kind: 'start', event }, 1)).rejects.toMatchObject({ code: 'disk_full' })
    clock.advance(5_000)
    expect(await events.runOnce()).toBe(1)
    expect(appended).toEqual(['start 1.2'])
    refuse.next = 1
    await expect(events.publish({ kind: 'end', event: ended(event) }, 1)).rejects.toThrow('no space')
    expect(events.openOf('cam-1')).toEqual([])
    clock.advance(5_000)
    expect(await events.runOnce()).toBe(1)
    expect(appended).toEqual(['start 1.2', 'end 1.4'])
    await close()
  })
})

describe('the next process', () => {
  test('knows what is open, sends nothing before it is adopted, and never uses a seq again', async () => {
    await using folder = await tempFolder()
    const before = await setUp(folder.path)
    const [open, over] = [hazardEvent(), hazardEvent()]
    await before.events.publish({ kind: 'start', event: open }, 4)
    await before.events.publish({ kind: 'update', event: { ...open, score: 0.5 } }, 4)
    await before.events.publish({ kind: 'start', event: over }, 4)
    await before.events.publish({ kind: 'end', event: ended(over) }, 4)
    await before.close()

    const { clock, events, appended, close } = await setUp(folder.path)
    expect(events.openOf('cam-1')).toEqual([
      { event: { ...open, score: 0.5 }, epoch: 4, seq: 2, live: false },
    ])
    clock.advance(60_000)
    expect(await events.runOnce()).toBe(0)
    await events.publish({ kind: 'update', event: open }, 4)
    expect(appended).toEqual(['update 4.3'])
    clock.advance(30_000)
    expect(await events.runOnce()).toBe(1)
    await events.forget('cam-1')
    clock.advance(30_000)
    expect(await events.runOnce()).toBe(0)
    await close()

    const last = await setUp(folder.path)
    expect(last.events.openOf('cam-1')).toEqual([])
    await last.close()
  })
})

describe('adopt', () => {
  const never = () => Promise.resolve([])

  test('takes over what is on this disk and what only the database knows, under the new epoch', async () => {
    await using folder = await tempFolder()
    const { events, appended, clock, close } = await setUp(folder.path)
    const [own, other] = [hazardEvent(), hazardEvent()]
    await events.publish({ kind: 'start', event: own }, 1)
    expect(await events.adopt('cam-1', 2, async () => [own, other])).toEqual([own, other])
    expect(appended).toEqual(['start 1.1', 'update 2.1', 'update 2.1'])
    clock.advance(30_000)
    expect(await events.runOnce()).toBe(2)
    await close()
  })

  test('keeps what is still on its way, forgets what has ended elsewhere', async () => {
    await using folder = await tempFolder()
    const { events, appended, spool, close } = await setUp(folder.path)
    const event = hazardEvent()
    await events.publish({ kind: 'start', event }, 1)
    expect(await events.adopt('cam-1', 2, never)).toEqual([event]) // its start is in the spool
    await spool.remove((await spool.take(10)).map((item) => item.id))
    expect(await events.adopt('cam-1', 4, never)).toEqual([])
    expect(events.openOf('cam-1')).toEqual([])
    expect(appended).toEqual(['start 1.1', 'update 2.1'])
    await close()
  })

  test('is not stopped by a full spool: the events are sent later', async () => {
    await using folder = await tempFolder()
    const { events, appended, refuse, clock, close } = await setUp(folder.path)
    const event = hazardEvent()
    refuse.next = 1
    expect(await events.adopt('cam-1', 2, async () => [event])).toEqual([event])
    expect(appended).toEqual([])
    clock.advance(30_000)
    expect(await events.runOnce()).toBe(1)
    expect(appended).toEqual(['update 2.2'])
    await close()
  })

  test('does not take back an event that this worker has ended', async () => {
    await using folder = await tempFolder()
    const { events, close } = await setUp(folder.path)
    const event = hazardEvent()
    await events.publish({ kind: 'start', event }, 1)
    await events.publish({ kind: 'end', event: ended(event) }, 1)
    expect(await events.adopt('cam-1', 2, async () => [event])).toEqual([]) // its end is still on its way
    await close()
    const next = await setUp(folder.path)
    expect(await next.events.adopt('cam-1', 2, async () => [event])).toEqual([])
    await next.close()
  })
})
