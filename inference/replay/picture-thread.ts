import { getPriority, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import { faultOf } from '../worker/fault.ts'
import type { FromPictureThread, PictureThreadStart, ToPictureThread } from './picture-protocol.ts'
import { createPictureReplay } from './picture-replay.ts'

/**
 * The body of a thread that judges recorded pictures, one after the other. On Linux a priority is a thread's own: the live
 * cameras of this process come first.
 */
const port = parentPort
if (!port) throw new SharpEyesError('internal', 'picture-thread.ts runs as a worker thread only')
const { request, head, niceness } = workerData as PictureThreadStart
if (process.platform === 'linux' && niceness > 0) setPriority(Math.min(19, getPriority() + niceness))
const send = (message: FromPictureThread) => port.postMessage(message)

const replay = createPictureReplay(request, head)

port.on('message', (message: ToPictureThread) => {
  answer(message).then(send, (error: unknown) => {
    send({ kind: 'failed', fault: faultOf(toSharpEyesError(error)) })
  })
})

async function answer(message: ToPictureThread): Promise<FromPictureThread> {
  if (message.kind === 'finish') return { kind: 'found', judged: replay.found() }
  const { frame, takes, detections } = message
  return { kind: 'stepped', attentions: await replay.step(frame, takes, detections) }
}
