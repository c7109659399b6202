import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMediaTools } from '../../adapters/media-tools.ts'
import { cameraSchema } from '../../core/config/city.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { missingService, onPath } from '../support/services.ts'

const signal = new AbortController().signal
const camera = (masking: unknown, privacy: unknown = []) =>
  cameraSchema.parse({
    id: 'cam',
    name: { zh: '机', en: 'cam' },
    purpose: 'kitchen',
    url: '/x.mp4',
    masking,
    privacy,
  })

describe.skipIf(missingService('ffmpeg', onPath('ffmpeg')))('masked clips', () => {
  let folder: string
  const film = (name: string) => join(folder, name)
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-masking-')) // 0700: the children may not reach into it
    const make = (codec: string, name: string) =>
      execFileSync('ffmpeg', [
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=1280x720:rate=25:duration=2',
        '-c:v',
        codec,
        '-pix_fmt',
        'yuv420p',
        film(name),
      ])
    make('libx264', 'h264.mp4')
    make('libx265', 'h265.mp4')
  })
  afterAll(() => rm(folder, { recursive: true }))

  const masker = () =>
    createMasker({
      finder: null,
      mediaTools: createMediaTools({ log: silentLog, metrics: recordingMetrics() }),
      log: silentLog,
    })
  const facts = (name: string) => {
    const json = execFileSync('ffprobe', [
      '-v',
      'error',
      '-count_frames',
      '-show_entries',
      'stream=codec_name,width,nb_read_frames',
      '-of',
      'json',
      film(name),
    ])
    return JSON.parse(json.toString()).streams[0]
  }
  /** Different colours in a region of the first picture, coarsely quantised: pixelation leaves few. */
  const colours = (name: string, crop: string) => {
    const rgb = execFileSync('ffmpeg', [
      '-loglevel',
      'error',
      '-i',
      film(name),
      '-frames:v',
      '1',
      '-vf',
      `crop=${crop}`,
      '-pix_fmt',
      'rgb24',
      '-f',
      'rawvideo',
      '-',
    ])
    const seen = new Set<string>()
    for (let i = 0; i < rgb.length; i += 3)
      seen.add(`${(rgb[i] ?? 0) >> 3},${(rgb[i + 1] ?? 0) >> 3},${(rgb[i + 2] ?? 0) >> 3}`)
    return seen.size
  }

  test.each(['h264.mp4', 'h265.mp4'])(
    '%s without a detector: the whole picture, as H.264 that browsers play',
    async (source) => {
      const target = film(`masked-${source}`)
      const { method } = await masker().clip({
        source: film(source),
        target,
        camera: camera('heads'),
        hazard: { box: null },
        signal,
      })
      expect(method).toBe('heads@1:frame,no-detector')
      expect(facts(`masked-${source}`)).toMatchObject({
        codec_name: 'h264',
        width: 960,
        nb_read_frames: '24',
      })
      expect(colours(`masked-${source}`, '24:24:0:0')).toBeLessThan(colours(source, '32:32:0:0'))
    },
  )

  test('nothing to mask: the H.264 source is copied', async () => {
    const { method } = await masker().clip({
      source: film('h264.mp4'),
      target: film('copy.mp4'),
      camera: camera({ none: 'generated scene' }),
      hazard: { box: null },
      signal,
    })
    expect(method).toBe('none@1:copy')
    expect(facts('copy.mp4')).toMatchObject({ codec_name: 'h264', width: 1280, nb_read_frames: '50' })
  })

  test('a privacy polygon is grey even where nothing else is masked', async () => {
    const privacy = [
      [
        [0, 0],
        [0.5, 0],
        [0.5, 0.5],
        [0, 0.5],
      ],
    ]
    await masker().clip({
      source: film('h264.mp4'),
      target: film('private.mp4'),
      camera: camera({ none: 'generated scene' }, privacy),
      hazard: { box: null },
      signal,
    })
    expect(colours('private.mp4', '400:200:20:20')).toBeLessThanOrEqual(2)
    expect(colours('private.mp4', '300:200:600:300')).toBeGreaterThan(10)
  })

  test('a file that is no video is refused by name', async () => {
    const { writeFile } = await import('node:fs/promises')
    await writeFile(film('no.mp4'), 'no video')
    await expect(
      masker().clip({
        source: film('no.mp4'),
        target: film('x.mp4'),
        camera: camera('heads'),
        hazard: { box: null },
        signal,
      }),
    ).rejects.toThrow(/no\.mp4: no video found/)
  })
})
