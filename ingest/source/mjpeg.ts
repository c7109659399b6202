import { readCredentials } from './credentials.ts'
import { ffconcat, scriptInput } from './ffconcat.ts'
import { FRAGMENTED_OUTPUT, QUIET, toH264, VIDEO_ONLY } from './output.ts'
import type { Source, SourceDeps } from './source.ts'

const SOCKET_TIMEOUT_US = '8000000'

/** MJPEG says no times: each picture gets the wall clock of its arrival, finer than the demuxer's guess of 25 a second. */
const ARRIVAL_TIMES = "settb=1/90000,setpts='(RTCTIME-RTCSTART)/(TB*1000000)',"

/**
 * MJPEG over HTTP (`multipart/x-mixed-replace`), Basic or Digest. Browsers do not play it as fragmented MP4, so it is
 * encoded as H.264 once, here, for all readers: a full decode and encode per camera, where RTSP costs neither.
 */
export function mjpegSource({ camera }: SourceDeps): Source {
  const url = new URL(camera.url)
  return {
    pace: 'live',
    async open() {
      const credentials = await readCredentials(camera)
      return {
        name: url.href,
        args: [
          ...QUIET,
          ...scriptInput('http,https,tcp,tls', 'mpjpeg,mjpeg'),
          ...['-threads', '1', '-i', 'pipe:0'],
          ...VIDEO_ONLY,
          ...toH264(ARRIVAL_TIMES),
          ...['-enc_time_base', '1:90000'],
          ...FRAGMENTED_OUTPUT,
        ],
        stdin: ffconcat(url, credentials, { rw_timeout: SOCKET_TIMEOUT_US, probesize: '32768' }),
        fds: [],
        secrets: credentials ? [credentials.password] : [],
        encodedFrom: 'mjpeg',
        release: async () => {},
      }
    },
  }
}
