import sharp from 'sharp'
import { SharpEyesError } from '../../core/errors.ts'
import type { LiveSource } from '../../core/live.ts'
import { KEEP_NOTHING } from '../evidence.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import { LIVE_VIEWERS, type ROUTES } from '../routes.ts'
import type { CameraReader } from './read.ts'

/** For a grid of cameras, pixels across. */
const THUMB_WIDTH = 480

const small = (jpeg: Uint8Array): Promise<Buffer> =>
  sharp(jpeg).resize({ width: THUMB_WIDTH, withoutEnlargement: true }).jpeg({ quality: 75 }).toBuffer()

export function cameraHandlers(deps: {
  cameras: CameraReader
  live: LiveSource
  looks: Looks
}): Handlers<Pick<typeof ROUTES, 'cameras' | 'camera' | 'liveStill'>> {
  const { cameras, live, looks } = deps
  return {
    async cameras({ actor }) {
      const list = await cameras.list(actor)
      return { ...list, items: [...list.items] }
    },
    camera: ({ params, actor }) => cameras.detail(params.id, actor),
    async liveStill({ response, params, query, actor }) {
      const camera = await cameras.find(params.id, actor, LIVE_VIEWERS)
      const still = await live.still(camera.id)
      if (!still) {
        throw new SharpEyesError('not_ready', `there is no picture of camera ${camera.id} now; try again`)
      }
      await looks.writeWhenBegun({
        who: actor.name,
        what: 'live',
        object: `camera:${camera.id}`,
        camera: camera.id,
        purpose: query.purpose || camera.purpose,
        caseNo: null,
      })
      response.setHeader('Cache-Control', KEEP_NOTHING)
      response.setHeader('X-Captured-At', new Date(still.capturedAt).toISOString())
      response
        .type('image/jpeg')
        .send(query.size === 'thumb' ? await small(still.jpeg) : Buffer.from(still.jpeg))
    },
  }
}
