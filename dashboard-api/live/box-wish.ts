import type { WebSocket } from 'ws'
import { readAsked } from '../../core/live-boxes.ts'
import type { Clock } from '../../core/ports/clock.ts'

/** Each turn may go on to a worker: a page that turns more often than any person does is cut off. */
const MOST_WORDS = 120
const WINDOW_MS = 60_000
/** Policy violation (RFC 6455). */
const TOO_MANY = 1008

/** Whether the browser at the end of a live view wants boxes; it may say so before there is anybody to hear it. */
export function listenForWish(
  line: Pick<WebSocket, 'on' | 'close'>,
  clock: Pick<Clock, 'now'>,
): { follow(listener: (wanted: boolean) => void): void } {
  let wanted = false
  let tell: ((wanted: boolean) => void) | null = null
  let words = 0
  let since = clock.now()
  line.on('message', (data: Buffer, binary: boolean) => {
    const asked = binary ? null : readAsked(data.toString('utf8'))
    if (clock.now() - since >= WINDOW_MS) [words, since] = [0, clock.now()]
    words += 1
    if (words > MOST_WORDS) return line.close(TOO_MANY, 'the page says too much')
    if (asked === null || asked === wanted) return
    wanted = asked
    tell?.(wanted)
  })
  return {
    follow(listener) {
      tell = listener
      if (wanted) listener(true)
    },
  }
}
