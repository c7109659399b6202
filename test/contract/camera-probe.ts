import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CameraProbed, probeShape } from '../../core/api/camera-setup.ts'
import type { CameraLogin, CameraProbe } from '../../core/camera-setup.ts'
import { startMjpegServer } from '../support/mjpeg-server.ts'
import { missingService, onPath } from '../support/services.ts'

const LOGIN = { user: 'probe-user', password: 'Kurz%41&geheim' }
const LIMIT = { timeout: 120_000 }

interface ProbeWay extends AsyncDisposable {
  readonly probe: CameraProbe
  /** What the answers name; null: this process. */
  readonly worker: string | null
  /** Everything that was logged so far, wherever. */
  said(): Promise<string>
}

export function cameraProbeContract(name: string, start: () => Promise<ProbeWay>): void {
  describe.skipIf(missingService('ffmpeg', onPath('ffmpeg')))(`a probe ${name}`, () => {
    let way: ProbeWay
    let camera: Awaited<ReturnType<typeof startMjpegServer>>
    const answers: string[] = []
    beforeAll(async () => {
      camera = await startMjpegServer(`${LOGIN.user}:${LOGIN.password}`)
      way = await start()
    })
    afterAll(async () => {
      await way[Symbol.asyncDispose]()
      await camera[Symbol.asyncDispose]()
    })
    const ask = async (url: string, login: CameraLogin | null = LOGIN): Promise<CameraProbed> => {
      const said = await way.probe.probe(url, login, new AbortController().signal)
      answers.push(JSON.stringify(said))
      return probeShape.parse(said)
    }
    /** A machine that is busy may be too late for a first picture, which says nothing about the camera: then once more. */
    const settled = async (url: string, login?: CameraLogin | null): Promise<CameraProbed> => {
      const said = await ask(url, login)
      return said.failure?.code === 'camera_stalled' ? settled(url, login) : said
    }

    test('says what the camera sends, with a masked picture', LIMIT, async () => {
      const { seen, picture, ...rest } = await settled(`${camera.url}/video`)
      expect(rest).toEqual({ worker: way.worker, unreached: [], failure: null })
      expect(seen).toMatchObject({ codecName: 'H.264', encodedFrom: 'mjpeg', width: 320, height: 180 })
      expect(seen?.problems).toContain('encoded')
      const jpeg = sharp(Buffer.from(picture?.jpeg ?? '', 'base64'))
      expect(await jpeg.metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 180 })
    })

    test('says why nothing is seen', LIMIT, async () => {
      const nothing = { worker: way.worker, unreached: [], seen: null, picture: null }
      const wrong = { ...LOGIN, password: `${LOGIN.password}x` }
      expect(await settled(`${camera.url}/video`, wrong)).toEqual({
        ...{ ...nothing, failure: { code: 'camera_auth', cause: null } },
      })
      expect(await settled('http://127.0.0.1:9/video', null)).toEqual({
        ...{ ...nothing, failure: { code: 'camera_unreachable', cause: 'refused' } },
      })
    })

    test('ends with the one who asked, with his reason', LIMIT, async () => {
      const gone = new AbortController()
      const reason = new Error('nobody waits for the answer')
      const asked = way.probe.probe(`${camera.url}/video`, LOGIN, gone.signal)
      gone.abort(reason)
      await expect(asked).rejects.toBe(reason)
    })

    test('never says the login', async () => {
      const said = [...answers, await way.said()].join('\n')
      for (const form of [
        LOGIN.password,
        encodeURIComponent(LOGIN.password),
        Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64'),
      ])
        expect(said).not.toContain(form)
    })
  })
}
