import { fetchPreview } from '../api/recordings.ts'

export interface Previews {
  /** The newest wish wins: at most one is on its way, and the one after it is the latest. */
  ask(at: number, width: number): void
  /** Where there is no film: a picture about every second. */
  follow(at: number, speed: number): void
  shownAt(): number | null
  readonly visible: boolean
  hide(): void
  close(): void
}

const EVERY_MS = 1_000

/** Masked pictures of a recording on a canvas, for scrubbing and for cameras that have nothing else. */
export function createPreviews(
  camera: string,
  canvas: HTMLCanvasElement,
  report: (error: unknown) => void,
): Previews {
  const stop = new AbortController()
  let wish: { readonly at: number; readonly width: number } | null = null
  let running = false
  let shown: number | null = null
  let askedFor: number | null = null
  let turn = 0

  const run = async (): Promise<void> => {
    running = true
    while (wish && !stop.signal.aborted) {
      const { at, width } = wish
      const mine = turn
      wish = null
      try {
        const found = await fetchPreview(camera, at, width, stop.signal)
        report(null)
        // A film that plays meanwhile is newer than this picture.
        if (!found || mine !== turn) continue
        canvas.width = found.picture.width
        canvas.height = found.picture.height
        canvas.getContext('2d')?.drawImage(found.picture, 0, 0)
        found.picture.close()
        canvas.hidden = false
        shown = found.capturedAt
      } catch (error) {
        if (!stop.signal.aborted) report(error)
      }
    }
    running = false
  }
  const ask = (at: number, width: number) => {
    askedFor = at
    wish = { at, width }
    if (!running) void run()
  }
  return {
    ask,
    follow(at, speed) {
      if (!running && (askedFor === null || Math.abs(at - askedFor) >= EVERY_MS * speed)) ask(at, 960)
    },
    shownAt: () => shown,
    get visible() {
      return !canvas.hidden
    },
    hide() {
      if (running || canvas.hidden) return
      turn += 1
      canvas.hidden = true
    },
    close() {
      stop.abort()
    },
  }
}
