import { mkdir, readdir, readFile, rmdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asLogged,
  createTrackLogDecoder,
  createTrackLogEncoder,
  headLine,
  type LoggedPicture,
} from '../../../core/track-log.ts'
import { readEntries } from '../../../ingest/track-log/files.ts'
import { createTrackLogs } from '../../../ingest/track-log/track-logs.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { gather, HEAD, logged, picturesOf, T0 } from './logged.ts'

const HOUR_MS = 3_600_000

function logsIn(folder: string, limits = { hours: 24, bytes: 64 << 20 }, now = T0) {
  const clock = manualClock(now)
  const metrics = recordingMetrics()
  return { logs: createTrackLogs({ folder, limits, clock, log: silentLog, metrics }), clock, metrics }
}

describe('lines', () => {
  const share = fc.double({ min: -0.2, max: 1.2, noNaN: true })
  const picture: fc.Arbitrary<LoggedPicture> = fc.record({
    connection: fc.integer({ min: 1, max: 3 }),
    mediaMs: fc.double({ min: 0, max: 1e9, noNaN: true }).map((v) => v + 0),
    capturedAt: fc.double({ min: T0, max: T0 + 1e9, noNaN: true }),
    clock: fc.record({ kind: fc.constantFrom('arrival', 'rtcp'), errorMs: fc.nat(500) }),
    key: fc.boolean(),
    discontinuity: fc.boolean(),
    restart: fc.boolean(),
    detections: fc.option(
      fc.array(
        fc.record({
          label: fc.constantFrom(...HEAD.labels),
          score: share,
          changed: share,
          box: fc.tuple(share, share, share, share),
        }),
        { maxLength: 5 },
      ),
    ),
  })

  test('property: what the rules saw is read back bit by bit', () => {
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 20 }), (seen) => {
        const pictures = seen.map((p) => ({
          ...p,
          detections: p.detections?.map((d) => asLogged(d, () => d.changed)) ?? null,
        }))
        const encoder = createTrackLogEncoder(HEAD)
        const text = headLine(HEAD) + pictures.map(encoder.picture).join('')
        const decoder = createTrackLogDecoder()
        const entries = text
          .split('\n')
          .slice(0, -1)
          .flatMap((line) => decoder.line(line) ?? [])
        expect(entries[0]).toEqual({ kind: 'head', head: HEAD })
        expect(picturesOf(entries)).toEqual(pictures)
      }),
      { numRuns: 30 },
    )
  })

  test.each([['{}'], ['[1,2]'], ['[1,2,0,[0,1]]'], ['nonsense'], ['[1,2,0,[7,1,1,1,1,1,1]]']])(
    'a line that is none: %s',
    (line) => {
      const decoder = createTrackLogDecoder()
      decoder.line(headLine(HEAD))
      decoder.line('{"connection":1,"clock":{"kind":"arrival","errorMs":0}}')
      expect(() => decoder.line(line)).toThrow(SyntaxError)
    },
  )
})

describe('on the disk', () => {
  test('pictures come back in order, also while they are written; other spans are left out', async () => {
    await using folder = await tempFolder()
    const { logs } = logsIn(folder.path)
    const log = await logs.open('cam', HEAD)
    const pictures = Array.from({ length: 120 }, (_, n) => logged(n, n % 3 === 0 ? { detections: null } : {}))
    for (const picture of pictures) log.append(picture)
    const entries = await gather(logs.read('cam', T0, T0 + HOUR_MS))
    expect(picturesOf(entries)).toStrictEqual(pictures)
    expect(picturesOf(await gather(logs.read('cam', T0 + 1_000, T0 + 2_000)))).toHaveLength(2)
    expect(await gather(logs.read('other', T0, T0 + HOUR_MS))).toEqual([])
    await log.stop()
  })

  test('a file an hour, packed; the next run packs what was left open and begins another', async () => {
    await using folder = await tempFolder()
    const { logs, clock } = logsIn(folder.path)
    const log = await logs.open('cam', HEAD)
    log.append(logged(0))
    await log.flush()
    clock.advance(HOUR_MS)
    log.append(logged(7_200))
    await log.flush()
    log.append(logged(7_201))
    await log.stop()
    const names = (await readdir(join(folder.path, 'cam'))).sort()
    expect(names).toEqual([`${T0}-${T0 + HOUR_MS}.jsonl.gz`, `${T0 + HOUR_MS + 500}.jsonl`])
    const head = { ...HEAD, run: T0 + HOUR_MS }
    const again = await logs.open('cam', head)
    again.append(logged(7_300))
    const entries = await gather(logs.read('cam', T0, T0 + 2 * HOUR_MS))
    expect(picturesOf(entries).map(({ mediaMs }) => mediaMs / 500)).toEqual([0, 7_200, 7_201, 7_300])
    expect(entries.flatMap((entry) => (entry.kind === 'head' ? [entry.head.run - T0] : []))).toEqual([
      ...[0, 0, HOUR_MS],
    ])
    await again.stop()
  })

  test('a process killed in the middle of a line: every whole line before it is read', async () => {
    await using folder = await tempFolder()
    const path = join(folder.path, `${T0}.jsonl`)
    const encoder = createTrackLogEncoder(HEAD)
    const lines = [headLine(HEAD), ...[0, 1, 2].map((n) => encoder.picture(logged(n)))]
    const whole = Buffer.from(lines.join(''))
    const ends = lines.map((_, n) => Buffer.byteLength(lines.slice(0, n + 1).join('')))
    for (let size = ends[2] ?? 0; size <= whole.length; size++) {
      await writeFile(path, whole)
      await truncate(path, size)
      const entries = await gather(readEntries(path))
      expect(entries.at(-1)?.passed ?? 0).toBe(0)
      const pictures = picturesOf(entries.map(({ entry }) => entry))
      expect(pictures).toHaveLength(ends.slice(1).filter((end) => end <= size).length)
    }
  })

  test('a broken line costs itself alone, and is counted', async () => {
    await using folder = await tempFolder()
    const { logs, metrics } = logsIn(folder.path)
    const log = await logs.open('cam', HEAD)
    for (let n = 0; n < 3; n++) log.append(logged(n))
    await log.stop()
    const [name = ''] = await readdir(join(folder.path, 'cam'))
    const path = join(folder.path, 'cam', name)
    const lines = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, lines.map((line, n) => (n === 3 ? line.slice(0, 9) : line)).join('\n'))
    const pictures = picturesOf(await gather(logs.read('cam', T0, T0 + HOUR_MS)))
    expect(pictures.map(({ mediaMs }) => mediaMs)).toEqual([0, 1_000])
    expect(metrics.counts.get('track_log_unread_total{camera=cam}')).toBe(1)
  })
})

describe('bounds', () => {
  const many = Array.from({ length: 10 }, () => logged(0).detections ?? []).flat()

  test('bytes: the oldest file goes, and is counted; the newest is always there', async () => {
    await using folder = await tempFolder()
    const bytes = 16 << 10
    const { logs, metrics } = logsIn(folder.path, { hours: 24, bytes })
    const log = await logs.open('cam', HEAD)
    // No two alike: what packs to nothing would never fill the limit.
    const found = (n: number) =>
      many.map((d, i) => ({ ...d, score: ((n * 7_919 + i * 104_729) % 10_000) / 10_000 }))
    for (let n = 0; n < 400; n++) {
      log.append(logged(n, { detections: found(n) }))
      if (n % 20 === 19) await log.flush()
    }
    await log.stop()
    const files = await readdir(join(folder.path, 'cam'))
    const sizes = await Promise.all(files.map((name) => readFile(join(folder.path, 'cam', name))))
    expect(sizes.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(bytes)
    const removed = metrics.counts.get('track_log_files_removed_total{camera=cam,why=size}') ?? 0
    expect(removed).toBeGreaterThan(0)
    const kept = picturesOf(await gather(logs.read('cam', T0, T0 + HOUR_MS)))
    expect(kept.at(-1)?.mediaMs).toBe(399 * 500)
    expect(kept[0]?.mediaMs).toBeGreaterThan(0)
  })

  test('hours: files whose last picture is older go', async () => {
    await using folder = await tempFolder()
    const { logs, clock, metrics } = logsIn(folder.path, { hours: 2, bytes: 64 << 20 })
    const log = await logs.open('cam', HEAD)
    for (let hour = 0; hour < 5; hour++) {
      for (const n of [0, 1]) log.append(logged(hour * 7_200 + n))
      await log.flush()
      clock.advance(HOUR_MS)
      log.append(logged(hour * 7_200 + 7_000))
      await log.flush()
    }
    expect(metrics.counts.get('track_log_files_removed_total{camera=cam,why=old}')).toBe(3)
    await log.stop()
  })

  test('a disk that does not keep up costs lines, counted and told in the log, and the analysis nothing', async () => {
    await using folder = await tempFolder()
    const { logs, metrics } = logsIn(folder.path)
    const log = await logs.open('cam', HEAD)
    // Nothing is written before this turn of the event loop ends.
    for (let n = 0; n < 5_000; n++) log.append(logged(n))
    const dropped = metrics.counts.get('track_log_dropped_total{camera=cam,why=disk_slow}') ?? 0
    expect(dropped).toBeGreaterThan(3_000)
    await log.flush()
    log.append(logged(5_000))
    const entries = await gather(logs.read('cam', T0, T0 + HOUR_MS))
    expect(picturesOf(entries)).toHaveLength(5_001 - dropped)
    const lost = entries.reduce((sum, entry) => sum + (entry.kind === 'lost' ? entry.pictures : 0), 0)
    expect(lost).toBe(dropped)
    await log.stop()
  })

  test('a folder that cannot be written is counted, and written again when it can be', async () => {
    await using folder = await tempFolder()
    const { logs, metrics } = logsIn(folder.path)
    const log = await logs.open('cam', HEAD)
    // A name that is taken by a folder cannot be opened as a file.
    const taken = join(folder.path, 'cam', `${T0}.jsonl`)
    await mkdir(taken)
    log.append(logged(0))
    await log.flush()
    expect(metrics.counts.get('track_log_dropped_total{camera=cam,why=write_failed}')).toBe(1)
    await rmdir(taken)
    log.append(logged(1))
    const entries = await gather(logs.read('cam', T0, T0 + HOUR_MS))
    expect(entries.map(({ kind }) => kind)).toEqual(['head', 'lost', 'picture'])
    await log.stop()
  })

  test('a full disk: each camera gives up its oldest file', async () => {
    await using folder = await tempFolder()
    const { logs, clock } = logsIn(folder.path)
    const log = await logs.open('cam', HEAD)
    for (const n of [0, 1]) {
      log.append(logged(n))
      await log.flush()
      clock.advance(HOUR_MS)
      log.append(logged(n + 0.5))
      await log.flush()
    }
    expect(await readdir(join(folder.path, 'cam'))).toHaveLength(2)
    await logs.shed()
    const left = await readdir(join(folder.path, 'cam'))
    expect(left).toHaveLength(1)
    const packed = gunzipSync(await readFile(join(folder.path, 'cam', left[0] ?? ''))).toString('utf8')
    expect(packed).toContain(`"run":${HEAD.run}`)
    await log.stop()
  })
})
