import { SharpEyesError } from '../../core/errors.ts'
import { readCredentials, userinfo } from './credentials.ts'
import { ffconcat, scriptInput } from './ffconcat.ts'
import { COPY, FRAGMENTED_OUTPUT, QUIET, VIDEO_ONLY } from './output.ts'
import type { Source, SourceDeps } from './source.ts'

/** Microseconds without an answer; ffmpeg 5.1 gives up after four times this, our watchdog is sooner. */
const SOCKET_TIMEOUT_US = 8_000_000
/** libavformat/rtsp.c keeps the userinfo in `char auth[128]` and cuts the rest without a word. */
const MAX_USERINFO = 127

/** How much is read before the header is written: quick needs parameter sets in SDP or first key frame (0.2–0.4 s). */
const QUICK = { analyzeduration: '0', probesize: '32768' }
const THOROUGH = { analyzeduration: '8000000', probesize: '8000000' }

/**
 * An RTSP camera over TCP (UDP loses packets, and every lost packet damages a GOP), Basic or Digest as the camera asks.
 * Only its video is set up: sound is never transported.
 */
export function rtspSource({ camera }: SourceDeps): Source {
  const url = new URL(camera.url)
  return {
    pace: 'live',
    async open({ thorough }) {
      const credentials = await readCredentials(camera)
      if (credentials && Buffer.byteLength(userinfo(credentials)) > MAX_USERINFO) {
        throw new SharpEyesError(
          'config_invalid',
          `camera ${camera.id}: user and password${camera.credentialsFile ? ` of ${camera.credentialsFile}` : ''} are too long for RTSP (${MAX_USERINFO} characters together, three for each that a URL must escape); choose a shorter password`,
        )
      }
      const probing = thorough ? THOROUGH : QUICK
      const script = ffconcat(url, credentials, {
        rtsp_transport: 'tcp',
        timeout: String(SOCKET_TIMEOUT_US),
        allowed_media_types: 'video',
        ...probing,
      })
      return {
        name: url.href,
        args: [
          ...QUIET,
          ...scriptInput('rtsp,rtp,tcp', 'rtsp'),
          ...['-analyzeduration', probing.analyzeduration, '-probesize', probing.probesize, '-i', 'pipe:0'],
          ...VIDEO_ONLY,
          ...COPY,
          ...FRAGMENTED_OUTPUT,
        ],
        stdin: script,
        fds: [],
        secrets: credentials ? [credentials.password] : [],
        encodedFrom: null,
        release: async () => {},
      }
    },
  }
}
