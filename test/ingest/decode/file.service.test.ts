import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Frame } from '../../../core/frame.ts'
import { decodeFile } from '../../../ingest/decode/file.ts'
import { testMediaTools } from '../../support/media-tools.ts'
import { makeNumberedFilm, type NumberedFilm, readNumber } from '../../support/numbered-film.ts'

const run = promisify(execFile)
const mediaTools = testMediaTools()
const KINDS = {
  'h264.mp4': { codec: 'h264', bFrames: 3 },
  'h265.mkv': { codec: 'h265', bFrames: 3, openGop: true },
  'plain.avi': { codec: 'h264', bFrames: 0 },
  'transport.ts': { codec: 'h264', bFrames: 3 },
  'thirty.mp4': { codec: 'h264', bFrames: 0, fps: 30 },
} as const satisfies Record<string, Partial<NumberedFilm>>
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-'))
  for (const [name, film] of Object.entries(KINDS)) {
    await makeNumberedFilm({ path: join(folder, name), frames: 100, gop: 25, ...film })
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function decode(name: string, options: { fps?: number; width?: number } = {}): Promise<Frame[]> {
  const frames: Frame[] = []
  const signal = new AbortController().signal
  for await (const frame of decodeFile({ path: join(folder, name), mediaTools, signal, ...options }))
    frames.push(frame)
  return frames
}

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('%s', (name) => {
  const rate = (KINDS[name] as Partial<NumberedFilm>).fps ?? 25

  it('gives every picture with its index and time', async () => {
    const frames = await decode(name)
    expect(frames.map((frame) => frame.index)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    for (const frame of frames) {
      expect(readNumber(frame)).toBe(frame.index)
      // Matroska keeps milliseconds.
      expect(Math.abs(frame.mediaMs - (frame.index * 1000) / rate)).toBeLessThanOrEqual(1)
    }
    expect(frames[0]).toMatchObject({ width: 384, height: 216, mediaMs: 0, key: true, cameraId: name })
    expect(mediaTools.running()).toBe(0)
  })

  it('samples on the grid, with true indices, twice the same', async () => {
    const fps = 5
    const step = rate / fps
    const frames = await decode(name, { fps, width: 192 })
    const indices = frames.map((frame) => frame.index)
    expect(indices).toEqual(Array.from({ length: Math.ceil(100 / step) }, (_, n) => n * step))
    for (const frame of frames) expect(readNumber(frame)).toBe(frame.index)
    expect([frames[0]?.width, frames[0]?.height]).toEqual([192, 108])
    const again = await decode(name, { fps, width: 192 })
    expect(again.map(({ rgb, ...facts }) => facts)).toEqual(frames.map(({ rgb, ...facts }) => facts))
    expect(
      again.every((frame, n) => Buffer.compare(frame.rgb, frames[n]?.rgb ?? Buffer.alloc(0)) === 0),
    ).toBe(true)
    // 7 a second of 25 or 30: the mean rate is kept, each picture is the first at or after its instant.
    const seven = await decode(name, { fps: 7, width: 192 })
    const due = (n: number) => Math.max(0, Math.ceil((n * rate) / 7 - 1e-3))
    expect(seven.map((frame) => frame.index)).toEqual(Array.from({ length: seven.length }, (_, n) => due(n)))
    expect(seven.length).toBe(Math.ceil((100 / rate) * 7))
  })
})

it('loses nothing to a slow consumer, and ends its child when the consumer leaves', async () => {
  const signal = new AbortController().signal
  const seen: number[] = []
  for await (const frame of decodeFile({ path: join(folder, 'h264.mp4'), mediaTools, signal })) {
    seen.push(frame.index)
    await new Promise((resolve) => setImmediate(resolve))
    if (seen.length === 40) break
  }
  expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => n))
  expect(mediaTools.running()).toBe(0)
})

it('ends quietly when it is aborted', async () => {
  const stop = new AbortController()
  const seen: number[] = []
  for await (const frame of decodeFile({ path: join(folder, 'h264.mp4'), mediaTools, signal: stop.signal })) {
    seen.push(frame.index)
    if (seen.length === 5) stop.abort()
  }
  expect(seen.length).toBeLessThan(100)
  expect(mediaTools.running()).toBe(0)
})

it('reads a still image as one frame, also one that only root may read', async () => {
  const source = join(folder, 'h264.mp4')
  for (const name of ['still.jpg', 'still.png', 'still.webp', 'odd.png']) {
    const crop = name === 'odd.png' ? ['-vf', 'crop=383:215:0:0:exact=1,format=rgb24'] : []
    const args = [
      '-v',
      'error',
      '-y',
      '-ss',
      '2.4',
      '-i',
      source,
      ...crop,
      '-frames:v',
      '1',
      join(folder, name),
    ]
    await run('ffmpeg', args)
    await chmod(join(folder, name), 0o600)
    const frames = await decode(name, { fps: 2 })
    expect(frames).toHaveLength(1)
    const [frame] = frames
    expect(frame && readNumber(frame)).toBe(60)
    const size = name === 'odd.png' ? { width: 383, height: 215 } : { width: 384, height: 216 }
    expect(frame).toMatchObject({ index: 0, mediaMs: 0, ...size })
  }
})

it('shows a film that was stored turned as a player does', async () => {
  const turned = join(folder, 'turned.mp4')
  await run('ffmpeg', [
    '-v',
    'error',
    '-i',
    join(folder, 'h264.mp4'),
    '-c',
    'copy',
    '-metadata:s:v:0',
    'rotate=90',
    turned,
  ])
  const [frame] = await decode('turned.mp4')
  expect([frame?.width, frame?.height]).toEqual([216, 384])
})

it('refuses what is no video, by name and with the way out', async () => {
  const bad: Record<string, string | Buffer> = {
    'text.mp4': 'this is no video\n'.repeat(50),
    'empty.mp4': '',
    'list.m3u8': '#EXTM3U\n#EXTINF:1,\nh264.mp4\n',
    'list.txt': "ffconcat version 1.0\nfile 'h264.mp4'\n",
    'noise.jpg': Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 7919) & 255)),
  }
  for (const [name, content] of Object.entries(bad)) {
    await writeFile(join(folder, name), content)
    await expect(decode(name), name).rejects.toMatchObject({ code: 'source_invalid' })
    await expect(decode(name), name).rejects.toThrow(join(folder, name))
  }
  await expect(decode('absent.mp4')).rejects.toMatchObject({ code: 'source_invalid' })
  await expect(decode('.')).rejects.toMatchObject({ code: 'source_invalid' })
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=1', join(folder, 'sound.mp4')])
  await expect(decode('sound.mp4')).rejects.toMatchObject({ code: 'source_invalid' })
})
