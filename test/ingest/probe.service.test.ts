import { describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createMediaTools } from '../../adapters/media-tools.ts'
import { probeCamera } from '../../ingest/probe/probe-camera.ts'
import { testFilm } from '../support/films.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { hasRtspServer, RTSP_SERVICE, startRtspServer } from '../support/rtsp.ts'
import { missingService, onPath } from '../support/services.ts'

const missing = missingService(RTSP_SERVICE, hasRtspServer()) || missingService('ffmpeg', onPath('ffmpeg'))

const probe = (url: string, watchMs?: number) => {
  const metrics = recordingMetrics()
  const deps = {
    mediaTools: createMediaTools({ log: silentLog, metrics }),
    clock: systemClock,
    log: silentLog,
    metrics,
  }
  return probeCamera(url, deps, watchMs === undefined ? {} : { watchMs })
}
const codes = (report: Awaited<ReturnType<typeof probe>>) => report.problems.map((problem) => problem.code)

describe.skipIf(missing)('camera probe', () => {
  test('of a camera that is set up well finds nothing to say', async () => {
    const film = await testFilm({ times: 30 })
    await using server = await startRtspServer({ mounts: [{ path: '/live', film, codec: 'h264' }] })
    const report = await probe(server.url('/live'))
    expect(report).toMatchObject({
      codecName: 'H.264',
      width: 320,
      height: 180,
      keyFrameSeconds: 1,
      bFrames: false,
    })
    expect(report).toMatchObject({ encodedFrom: null, clock: { kind: 'arrival' }, problems: [] })
    expect(report.fps).toBeCloseTo(25, 0)
    expect(report.watchedSeconds).toBeGreaterThan(3)
  })

  test('of H.265 with B-frames and 5 s between key frames names all three, in both languages', async () => {
    const film = await testFilm({ codec: 'h265', bFrames: 3, gop: 125, seconds: 15, times: 3 })
    await using server = await startRtspServer({ mounts: [{ path: '/live', film, codec: 'h265' }] })
    const report = await probe(server.url('/live'))
    expect(codes(report)).toEqual(['long_gop', 'h265', 'b_frames'])
    expect(report.keyFrameSeconds).toBeCloseTo(5, 0)
    expect(report.problems[0]?.en).toMatch(/every 5(\.\d+)? s, more than 2 s.*\(50 frames\)/)
    expect(report.problems[0]?.zh).toMatch(/关键帧间隔 5(\.\d+)? s/)
  })

  test('of a film without a second key frame in sight says how long it looked', async () => {
    const film = await testFilm({ gop: 500, seconds: 20, fps: 25 })
    const report = await probe(film, 3_000)
    expect(report.keyFrameSeconds).toBeNull()
    expect(codes(report)).toEqual(['long_gop'])
  })

  test('of a short MPEG-4 film at 4 pictures a second', async () => {
    const film = await testFilm({ codec: 'mpeg4', container: 'avi', fps: 4, seconds: 3 })
    const report = await probe(film)
    expect(report).toMatchObject({ encodedFrom: 'mpeg4', fps: 4, frames: 12 })
    expect(codes(report)).toEqual(['encoded', 'few_pictures'])
  })

  test.each([
    ['rtsp://127.0.0.1:9/x', 'camera_unreachable'],
    ['rtsp://admin:s3cret@127.0.0.1:9/x', 'credentials_refused'],
    ['/no/such/film.mp4', 'source_invalid'],
  ])('of %s fails as %s without a secret', async (url, code) => {
    const error = await probe(url).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect(String(error)).not.toContain('s3cret')
  })
})
