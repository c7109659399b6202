import { Worker } from 'node:worker_threads'
import { SharpEyesError } from '../../core/errors.ts'
import type { Attention, Detection, Frame } from '../../core/frame.ts'
import { toError } from '../worker/fault.ts'
import type { FromPictureThread, PictureThreadStart, ToPictureThread } from './picture-protocol.ts'
import type { JudgedSet } from './picture-replay.ts'

const THREAD = new URL('./picture-thread.ts', import.meta.url)

/** `PictureReplay` in a thread of low priority, beside the live cameras. One call at a time. */
export interface PictureJudge extends AsyncDisposable {
  /** Takes the pixels of the frame over. Throws what the rules throw, and `internal` when the thread is gone. */
  step(
    frame: Frame,
    takes: readonly boolean[],
    detections: readonly Detection[] | null,
  ): Promise<readonly Attention[]>
  found(): Promise<readonly JudgedSet[]>
}

export function startPictureJudge(start: PictureThreadStart): PictureJudge {
  const worker = new Worker(THREAD, { workerData: start, name: 'dry-run' })
  let pending: PromiseWithResolvers<FromPictureThread> | null = null
  let death: SharpEyesError | null = null

  const settle = (by: (call: PromiseWithResolvers<FromPictureThread>) => void): void => {
    const call = pending
    pending = null
    if (call) by(call)
  }
  const die = (why: string): void => {
    death ??= new SharpEyesError('internal', `the thread of a dry run ended: ${why}`)
    const error = death
    settle((call) => call.reject(error))
  }
  worker.on('message', (message: FromPictureThread) => settle((call) => call.resolve(message)))
  worker.on('error', (error: unknown) => die(error instanceof Error ? error.message : String(error)))
  worker.on('exit', (code) => die(`exit code ${code}`))

  const ask = async (message: ToPictureThread, pixels: Uint8Array | null): Promise<FromPictureThread> => {
    if (death) throw death
    if (pending) throw new SharpEyesError('internal', 'the thread of a dry run takes one picture at a time')
    const call = Promise.withResolvers<FromPictureThread>()
    pending = call
    worker.postMessage(message, pixels ? [pixels.buffer as ArrayBuffer] : [])
    const answer = await call.promise
    if (answer.kind === 'failed') throw toError(answer.fault)
    return answer
  }
  const unexpected = (kind: string) =>
    new SharpEyesError('internal', `the thread of a dry run answered "${kind}" out of turn`)

  return {
    async step(frame, takes, detections) {
      const answer = await ask({ kind: 'picture', frame, takes, detections }, frame.rgb)
      if (answer.kind !== 'stepped') throw unexpected(answer.kind)
      return answer.attentions
    },
    async found() {
      const answer = await ask({ kind: 'finish' }, null)
      if (answer.kind !== 'found') throw unexpected(answer.kind)
      return answer.judged
    },
    async [Symbol.asyncDispose]() {
      // It computes and holds nothing open: it may be ended at any point.
      await worker.terminate()
    },
  }
}
