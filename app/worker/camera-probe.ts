import type { CameraProbed } from '../../core/api/camera-setup.ts'
import {
  type CameraFacts,
  type CameraLogin,
  type CameraProbe,
  MOST_PROBES,
  PROBE_LIMIT_MS,
  type ProbeHiding,
  type ProbeProblemCode,
  PULL_CAUSES,
  TOO_LONG,
} from '../../core/camera-setup.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Masker } from '../../core/ports/evidence.ts'
import { decodeStill } from '../../ingest/evidence/still.ts'
import { type ProbeDeps, sightCamera } from '../../ingest/probe/probe-camera.ts'
import type { Tools } from '../tools.ts'
import { maskAtWidth } from './recorded-picture.ts'

/** Enough to draw a zone on. */
const PICTURE_WIDTH = 1_280

/** What a camera may do wrong; everything else is a failure of ours. */
const FINDINGS = [
  ...(['camera_auth', 'camera_path', 'camera_unreachable', 'camera_stalled', 'camera_codec'] as const),
  ...(['camera_ended', 'source_invalid', 'config_invalid'] as const),
] as readonly string[]

interface CameraSight {
  readonly facts: CameraFacts
  readonly problems: readonly ProbeProblemCode[]
  readonly picture: { readonly jpeg: Uint8Array; readonly capturedAt: number } | null
}

/**
 * Throws `camera_*` (with `details.cause` of PULL_CAUSES where it is known), `source_invalid`, `config_invalid`. Calls
 * `onSighted` when the camera has been seen: what is slow or fails from then on is ours.
 */
type Look = (
  url: string,
  login: CameraLogin | null,
  signal: AbortSignal,
  more: { readonly hide: ProbeHiding; readonly onSighted: () => void },
) => Promise<CameraSight>

/** Probes from this very process, through the path by which it pulls its cameras. */
export function createCameraProbe(deps: {
  readonly tools: Omit<ProbeDeps, 'mediaTools'> & Pick<Tools, 'mediaTools'>
  readonly masker: Pick<Masker, 'still'>
}): CameraProbe {
  const { tools } = deps
  const mask = maskAtWidth(deps.masker)
  return probeBy(async (url, login, signal, { hide, onSighted }) => {
    const mediaTools = tools.mediaTools()
    const { report, picture } = await sightCamera(
      url,
      { ...tools, mediaTools },
      { signal, ...(login && { login }) },
    )
    onSighted()
    const { url: _, problems, frames: __, ...facts } = report
    const full = picture && (await decodeStill(picture, mediaTools, { signal }))
    signal.throwIfAborted()
    return {
      ...{ facts, problems: problems.map(({ code }) => code) },
      picture: full && {
        jpeg: await mask(full, { ...UNKNOWN, ...hide }, PICTURE_WIDTH),
        capturedAt: full.capturedAt,
      },
    }
  })
}

/** Some at once, none longer than a while; what the camera does wrong is an answer. */
export function probeBy(look: Look): CameraProbe {
  let running = 0
  return {
    async probe(url, login, signal, hide = HEADS) {
      if (running >= MOST_PROBES)
        throw new SharpEyesError(
          'too_many_requests',
          `${MOST_PROBES} cameras are being looked at already; try again in some seconds`,
          { details: { retryAfterSeconds: 10 } },
        )
      running++
      const limit = new AbortController()
      const alarm = setTimeout(() => limit.abort(new Error('this look has lasted too long')), PROBE_LIMIT_MS)
      const onSighted = () => clearTimeout(alarm)
      try {
        const either = AbortSignal.any([signal, limit.signal])
        return answerOf(await look(url, login, either, { hide, onSighted }))
      } catch (thrown) {
        signal.throwIfAborted()
        const failure = limit.signal.aborted
          ? { code: TOO_LONG, cause: null }
          : failureOf(toSharpEyesError(thrown))
        if (!failure) throw thrown
        return { ...FROM_HERE, seen: null, picture: null, failure }
      } finally {
        clearTimeout(alarm)
        running--
      }
    },
  }
}

const FROM_HERE = { worker: null, unreached: [] as string[] }

const answerOf = ({ facts, problems, picture }: CameraSight): CameraProbed => ({
  ...FROM_HERE,
  seen: { ...facts, problems: [...problems] },
  picture: picture && {
    jpeg: Buffer.from(picture.jpeg).toString('base64'),
    capturedAt: new Date(picture.capturedAt).toISOString(),
  },
  failure: null,
})

function failureOf({ code, details }: SharpEyesError): CameraProbed['failure'] {
  if (!FINDINGS.includes(code)) return null
  return { code, cause: PULL_CAUSES.find((each) => each === details.cause) ?? null }
}

/** As a camera is masked by default. */
const HEADS: ProbeHiding = { masking: 'heads', privacy: [] }

const UNKNOWN = {
  ...{ id: 'probe', name: { zh: '-', en: '-' }, purpose: 'public_safety' as const, url: '-', place: {} },
  ...{ zones: {}, rules: [] },
  recording: { mode: 'ring' as const, hours: 2 },
}
