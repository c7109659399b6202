import type { LivePlayer } from './player.ts'

/** Of the decoder: some seconds of a small stream. What exceeds it, the decoder throws away. */
const DECODER_BYTES = 1 << 20
/** Messages that come while the decoder's code is still being loaded. */
const WAITING_MESSAGES = 500

type Feed = (bytes: Uint8Array<ArrayBuffer>, capturedAt: number) => void

/**
 * Plays MPEG-1 in an MPEG transport stream on a canvas, each picture as soon as it is complete. The decoder is plain
 * script (its WebAssembly needs a permission that our pages do not have) and is loaded when it is first needed.
 */
export function createMpegPlayer(
  canvas: HTMLCanvasElement,
  onSize: (width: number, height: number) => void,
  onFault: (why: string) => void,
): LivePlayer {
  let waiting: Parameters<Feed>[] = []
  let feed: Feed | null = null
  let shown: number | null = null
  let dropped = 0
  let closed = false

  const fail = (thrown: unknown) => {
    if (closed) return
    closed = true
    onFault(thrown instanceof Error ? thrown.message : String(thrown))
  }
  const open = async () => {
    const { default: JSMpeg } = await import('@cycjimmy/jsmpeg-player')
    if (closed) return
    const renderer = new JSMpeg.Renderer.Canvas2D({ canvas })
    const decoder = new JSMpeg.Decoder.MPEG1Video({ streaming: true, videoBufferSize: DECODER_BYTES })
    let newest = 0
    decoder.connect({
      resize(width, height) {
        renderer.resize(width, height)
        onSize(width, height)
      },
      render(y, cr, cb) {
        renderer.render(y, cr, cb)
        shown = newest
      },
    })
    const demuxer = new JSMpeg.Demuxer.TS({})
    demuxer.connect(JSMpeg.Demuxer.TS.STREAM.VIDEO_1, {
      write(pts, buffers) {
        decoder.write(pts, buffers)
        while (decoder.decode());
      },
    })
    feed = (bytes, capturedAt) => {
      newest = capturedAt
      demuxer.write(bytes)
    }
    for (const [bytes, capturedAt] of waiting) feed(bytes, capturedAt)
    waiting = []
  }
  open().catch(fail)

  return {
    init: () => undefined, // a transport stream describes itself
    fragment(bytes, capturedAt) {
      if (closed) return
      if (feed) {
        try {
          feed(bytes, capturedAt)
        } catch (thrown) {
          fail(thrown)
        }
      } else if (waiting.length < WAITING_MESSAGES) waiting.push([bytes, capturedAt])
      else dropped += 1
    },
    shownCapture: () => shown,
    dropped: () => dropped,
    close() {
      closed = true
      waiting = []
    },
  }
}
