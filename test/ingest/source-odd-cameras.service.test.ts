import { describe, expect, test } from 'vitest'
import { testFilm } from '../support/films.ts'
import { hasRtspServer, RTSP_SERVICE, startRtspServer } from '../support/rtsp.ts'
import { answering, withoutParameterSets } from '../support/rtsp-tricks.ts'
import { missingService, onPath } from '../support/services.ts'
import { watchCamera } from './camera-watch.ts'

const missing = missingService(RTSP_SERVICE, hasRtspServer()) || missingService('ffmpeg', onPath('ffmpeg'))

describe.skipIf(missing)('a camera that is odd', () => {
  test.each(['h264', 'h265'] as const)(
    '%s without parameter sets in its SDP is played from those in the stream',
    async (codec) => {
      const film = await testFilm({ codec, times: 30 })
      await using server = await startRtspServer({ mounts: [{ path: '/live', film, codec }] })
      await using odd = await withoutParameterSets(server.port)
      await using camera = watchCamera({ id: 'odd', url: odd.url('/live') })
      await camera.frames(30)
      expect(camera.inits[0]?.codec).toMatch(codec === 'h264' ? /^avc1\.64/ : /^hev1\.1/)
      expect(camera.fragments[0]?.key).toBe(true)
      expect(odd.open).toBe(1)
    },
  )

  test('without room for another session is left alone until an old one expires', async () => {
    await using full = await answering('453 Not Enough Bandwidth')
    await using camera = watchCamera({ id: 'full', url: full.url('/live') })
    const state = await camera.state('offline')
    expect(state).toMatchObject({
      code: 'camera_unreachable',
      problem: expect.stringContaining('no room for another session'),
    })
    expect(camera.log.lines.join('\n')).toContain('"retryInMs":60000')
  })
})
