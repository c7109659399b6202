import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { backoffMs } from '../../core/backoff.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import { pictureFaults } from '../../core/picture-fault.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { EvidenceSink, EvidenceSource, Masker } from '../../core/ports/evidence.ts'
import type { MadePicture, PictureTask, PictureWork } from '../../core/ports/pictures.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { makeStill } from './stills.ts'

export interface PictureMakerDeps {
  readonly work: PictureWork
  /** Name of the worker that this is. */
  readonly worker: string
  readonly source: EvidenceSource
  readonly masker: Masker
  readonly store: EvidenceSink
  /** Where half-made clips lie; emptied by whoever starts. */
  readonly workFolder: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

const POLL_MS = 1_000
/** One encode at a time, and none that hangs for ever. */
const ENCODE_LIMIT_MS = 120_000
/** Pins that nobody waits for, looked for now and then: of events that joined an alert, of pictures that were given up. */
const PINS_EVERY_MS = 60_000
const PINS_AT_ONCE = 1_000
/** An answer that does not get through is said again: what was encoded must not be encoded once more. */
const ANSWER = { tries: 8, backoff: { firstMs: 500, maxMs: 20_000, factor: 2, jitter: 0.2 } }

/** Makes pictures of alerts out of this worker's rings, one at a time, until the signal. */
export async function runPictureMaker(deps: PictureMakerDeps, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps
  let pinsAt = clock.now()
  while (!signal.aborted) {
    const failed = (what: string) => (error: unknown) => {
      log.error({ error: toSharpEyesError(error).message }, what)
      return false
    }
    if (clock.now() - pinsAt >= PINS_EVERY_MS) {
      pinsAt = clock.now()
      await removePins(deps).catch(failed('looking for pins that nobody needs failed'))
    }
    const made = await makeNext(deps, signal).catch(failed('looking for pictures to make failed'))
    if (!made) await clock.sleep(POLL_MS, signal).catch(() => undefined)
  }
}

/** Makes the next picture, if one is due. False when none is. Throws when nobody can be asked or told. */
export async function makeNext(deps: PictureMakerDeps, signal: AbortSignal): Promise<boolean> {
  const { work, worker, source, clock, log, metrics } = deps
  const task = await work.next(worker)
  if (!task) return false
  const { id, kind, pinId } = task
  const started = clock.now()
  let made: readonly MadePicture[]
  try {
    // Again: its first pin may have failed, or gone with an earlier failure, before a hold had it tried once more.
    if (pinId !== null && task.alertId === null) await source.pin(pinId, task.camera.id, task.from, task.to)
    made = kind === 'still' ? await makeStillOf(task, deps) : await makeClip(task, deps, signal)
  } catch (thrown) {
    if (signal.aborted) return false
    const error = toSharpEyesError(thrown)
    const final = error.code === 'expired'
    metrics.count('picture_failures_total', { kind })
    log.warn(
      {
        alert: task.alertId,
        camera: task.camera.id,
        kind,
        attempt: task.attempt,
        final,
        error: error.message,
      },
      'a picture was not made',
    )
    await insist(() => work.failed(worker, id, error.message, final), deps, signal)
    // Of a kept recording that is held, the pin stays: `removePins` asks.
    if (final && pinId !== null && task.alertId !== null) await source.unpin(pinId)
    return true
  }
  await insist(() => work.done(worker, id, made), deps, signal)
  if (pinId !== null) await source.unpin(pinId)
  metrics.observe('picture_seconds', { kind }, (clock.now() - started) / 1_000)
  return true
}

async function makeStillOf(task: PictureTask, deps: PictureMakerDeps): Promise<readonly MadePicture[]> {
  const { camera, moment, box } = task
  const still = await makeStill(deps, camera, moment, { box, detections: [] })
  if (!still) throw gone(task)
  const { masked, original, capturedAt, method } = still
  return (['masked', 'original'] as const).flatMap((variant) => {
    const picture = variant === 'masked' ? masked : original
    if (!picture) return []
    const { sha256, bytes, mediaType, width, height } = picture
    return [{ variant, sha256, bytes, mediaType, capturedAt, meta: { method, width, height } }]
  })
}

async function makeClip(
  task: PictureTask,
  { source, store, masker, workFolder }: PictureMakerDeps,
  signal: AbortSignal,
): Promise<readonly MadePicture[]> {
  const { camera, moment, box } = task
  const name = join(workFolder, randomUUID())
  const original = `${name}.original.mp4`
  const masked = `${name}.masked.mp4`
  try {
    const cut = await source.clip({
      camera: camera.id,
      // Without a pin of its own it has what the ring has: nothing is pinned under the task's name.
      pinId: task.pinId ?? task.id,
      ...{ from: task.from, to: task.to, moment, path: original },
    })
    if (!cut) throw gone(task)
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ENCODE_LIMIT_MS)])
    const { method } = await masker.clip({
      source: original,
      target: masked,
      camera,
      hazard: { box },
      signal: limit,
    })
    const { codec, width, height } = cut
    const span = { from: new Date(cut.from).toISOString(), to: new Date(cut.to).toISOString() }
    const common = { mediaType: 'video/mp4', capturedAt: cut.from }
    const shown: MadePicture = {
      ...{ variant: 'masked', ...(await store.put({ path: masked })), ...common },
      meta: { ...span, codec: 'h264', width, height, method },
    }
    // What lies in a privacy polygon is never stored: such a camera's clip has no original.
    if (camera.privacy.length > 0) return [shown]
    const sealed: MadePicture = {
      ...{ variant: 'original', ...(await store.put({ path: original })), ...common },
      meta: { ...span, codec, width, height, method },
    }
    return [shown, sealed]
  } finally {
    await Promise.all([rm(original, { force: true }), rm(masked, { force: true })])
  }
}

const gone = ({ kind, camera: { id: camera }, moment, from, to }: PictureTask) => {
  const iso = (at: number) => new Date(at).toISOString()
  const text =
    kind === 'still'
      ? pictureFaults.write('no_still', { camera, at: iso(moment) })
      : pictureFaults.write('no_clip', { camera, from: iso(from), to: iso(to) })
  return new SharpEyesError('expired', text)
}

async function insist(
  say: () => Promise<void>,
  { clock, log }: PictureMakerDeps,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await say()
    } catch (error) {
      if (tries === ANSWER.tries || signal.aborted) throw error
      log.warn(
        { tries, error: toSharpEyesError(error).message },
        'the answer about a picture did not get through',
      )
      await clock.sleep(backoffMs(ANSWER.backoff, tries, Math.random), signal)
    }
  }
}

/** Unpins what no picture waits for: a pin keeps every later recording of its camera, too. */
export async function removePins({ work, worker, source, metrics }: PictureMakerDeps): Promise<void> {
  const pinned = await source.pinned()
  for (let at = 0; at < pinned.length; at += PINS_AT_ONCE) {
    const unneeded = await work.unneeded(worker, pinned.slice(at, at + PINS_AT_ONCE))
    for (const pin of unneeded) await source.unpin(pin)
    metrics.count('pins_removed_total', {}, unneeded.length)
  }
}
