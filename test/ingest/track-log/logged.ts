import type { LoggedPicture, TrackLogEntry, TrackLogHead } from '../../../core/track-log.ts'

export const T0 = 1_700_000_000_000

export const HEAD: TrackLogHead = {
  run: T0,
  model: { id: 'street', family: 'yolox', sha256: 'a'.repeat(64) },
  labels: ['person', 'car', 'fire'],
  operatingPoints: { fire: 0.4 },
  scoreFrom: 0.1,
  twice: false,
}

/** The n-th picture of a camera at two pictures a second. */
export const logged = (n: number, over: Partial<LoggedPicture> = {}): LoggedPicture => ({
  connection: 1,
  mediaMs: n * 500,
  capturedAt: T0 + n * 500,
  clock: { kind: 'arrival', errorMs: 120 },
  key: n % 4 === 0,
  discontinuity: false,
  restart: n === 0,
  detections: [{ label: 'car', score: 0.8123, changed: 0.02, box: [0.1, 0.2, 0.3, 0.4] }],
  ...over,
})

export const picturesOf = (entries: readonly TrackLogEntry[]): readonly LoggedPicture[] =>
  entries.flatMap((entry) => (entry.kind === 'picture' ? [entry.picture] : []))

export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
