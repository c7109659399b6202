import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { readableArguments } from '../../adapters/media-descriptors.ts'
import { findMediaTool } from '../../adapters/media-find.ts'
import { createLineLog } from '../../adapters/media-lines.ts'
import { createRedactor } from '../../adapters/media-redact.ts'

const folder = mkdtempSync(join(tmpdir(), 'sharp-eyes-media-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('redaction', () => {
  test('takes a password out in every form in which ffmpeg could quote it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 20, unit: 'grapheme-ascii' }), (secret) => {
        fc.pre(
          secret.trim() === secret && !'***'.includes(secret) && !'error at end of line'.includes(secret),
        )
        const redact = createRedactor([secret])
        const forms = [secret, encodeURIComponent(secret), secret.replaceAll("'", "'\\''"), btoa(secret)]
        for (const form of forms) {
          const line = redact(`error at ${form} end of line`)
          expect(line).toBe('error at *** end of line')
        }
      }),
    )
  })

  test('takes the userinfo out of any URL, known or not', () => {
    const redact = createRedactor([])
    expect(redact("Impossible to open 'rtsp://admin:p%40ss@10.0.0.1/x'")).toBe(
      "Impossible to open 'rtsp://***@10.0.0.1/x'",
    )
    expect(redact('http://host/a@b stays')).toBe('http://host/a@b stays')
  })

  test('a short password is hidden where it stands alone, so that words stay readable', () => {
    expect(createRedactor(['or'])('error for or: or')).toBe('error for ***: ***')
  })
})

test('lines are whole however stderr is chunked, bounded, and the last twenty are kept', () => {
  const log = createLineLog((line) => line.replace('secret', '***'))
  const lines: string[] = []
  log.onLine((line) => lines.push(line))
  for (const part of ['one\ntw', 'o sec', 'ret\rthree ö'.slice(0, 9), 'ö\n\n', 'x'.repeat(50_000), '\nend']) {
    log.push(Buffer.from(part))
  }
  log.end()
  expect(lines.slice(0, 2)).toEqual(['one', 'two ***'])
  expect(lines.at(-1)).toBe('end')
  expect(Math.max(...lines.map((line) => line.length))).toBe(2_000)
  for (let i = 0; i < 30; i++) log.push(Buffer.from(`line ${i}\n`))
  expect(log.last()).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i + 10}`))
})

describe('descriptors for another user', () => {
  const file = join(folder, 'film.mp4')
  writeFileSync(file, 'film')
  const args = ['-protocol_whitelist', 'file', '-i', '/proc/self/fd/3', '-f', 'null', '-']
  const other = { uid: 65_534, gid: 65_534 }
  const withMode = (mode: number) => {
    chmodSync(file, mode)
    const fd = openSync(file, 'r')
    try {
      return [readableArguments(args, [fd], other), readableArguments(args, [fd], null)]
    } finally {
      closeSync(fd)
    }
  }

  test('a file that others may read is opened through /proc/self/fd', () => {
    expect(withMode(0o644)).toEqual([args, args])
  })

  test('a file that they may not read is read from the descriptor itself', () => {
    expect(withMode(0o600)).toEqual([
      [
        '-protocol_whitelist',
        'file,cache,pipe',
        '-read_ahead_limit',
        '-1',
        '-i',
        'cache:pipe:3',
        '-f',
        'null',
        '-',
      ],
      args,
    ])
  })
})

test('a tool that is absent is named with the line that installs it', () => {
  expect(() => findMediaTool('ffmpeg', { PATH: folder })).toThrow(
    /ffmpeg is not on PATH; install it: apt-get install/,
  )
  expect(() => findMediaTool('ffmpeg', { FFMPEG_PATH: '/no/ffmpeg' })).toThrow(
    'FFMPEG_PATH=/no/ffmpeg is not a program',
  )
  const own = join(folder, 'ffprobe')
  writeFileSync(own, '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(folder, 'ffmpeg'), '#!/bin/sh\n', { mode: 0o755 })
  expect(findMediaTool('ffprobe', { FFMPEG_PATH: join(folder, 'ffmpeg'), PATH: '/usr/bin' })).toBe(own)
})
