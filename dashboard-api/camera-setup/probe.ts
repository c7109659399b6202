import type { CameraProbed } from '../../core/api/camera-setup.ts'
import { type CameraLogin, type CameraSetup, PULL_CAUSES } from '../../core/camera-setup.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'

/** Connecting and one long GOP; a camera that takes longer is told as not answering. */
const LIMIT_MS = 60_000
/** Each is a connection, an ffmpeg and a decoded picture. */
const MOST_AT_ONCE = 2

/** What a camera may do wrong; everything else is a failure of ours. */
const FINDINGS = [
  ...(['camera_auth', 'camera_path', 'camera_unreachable', 'camera_stalled', 'camera_codec'] as const),
  ...(['camera_ended', 'source_invalid', 'config_invalid'] as const),
] as readonly string[]

/** Probes of people, at most two at a time (`too_many_requests` besides) and none longer than a minute. */
export function createProbes(setup: CameraSetup) {
  let running = 0
  return async (
    url: string,
    login: CameraLogin | null,
    gone: AbortSignal,
    /** Writes down that somebody looks, before anything is opened. */
    note: () => Promise<void>,
  ): Promise<CameraProbed> => {
    if (running >= MOST_AT_ONCE)
      throw new SharpEyesError(
        'too_many_requests',
        `${MOST_AT_ONCE} cameras are being looked at already; try again in some seconds`,
        { details: { retryAfterSeconds: 10 } },
      )
    running++
    const limit = AbortSignal.timeout(LIMIT_MS)
    try {
      await note()
      const { facts, problems, picture } = await setup.probe(url, login, AbortSignal.any([gone, limit]))
      return {
        from: setup.from,
        seen: { ...facts, clock: { ...facts.clock }, problems: [...problems] },
        picture: picture && {
          jpeg: Buffer.from(picture.jpeg).toString('base64'),
          capturedAt: new Date(picture.capturedAt).toISOString(),
        },
        failure: null,
      }
    } catch (thrown) {
      const failure = limit.aborted
        ? { code: 'camera_unreachable', cause: 'timeout' as const }
        : failureOf(toSharpEyesError(thrown))
      if (!failure) throw thrown
      return { from: setup.from, seen: null, picture: null, failure }
    } finally {
      running--
    }
  }
}

function failureOf({ code, details }: SharpEyesError): CameraProbed['failure'] {
  if (!FINDINGS.includes(code)) return null
  return { code, cause: PULL_CAUSES.find((each) => each === details.cause) ?? null }
}
