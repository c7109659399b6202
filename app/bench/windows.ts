import { createProgress } from '../progress.ts'
import type { Tools } from '../tools.ts'

/** Reads counters at both ends of each of `count` windows, one after the other. */
export async function readWindows<T>(
  { clock, signal }: Tools,
  options: { count: number; seconds: number; read: () => Promise<T> },
): Promise<readonly { readonly before: T; readonly after: T; readonly seconds: number }[]> {
  const { count, seconds, read } = options
  const windows: { before: T; after: T; seconds: number }[] = []
  const bar = createProgress(count, 'windows')
  try {
    for (let n = 0; n < count; n += 1) {
      const startedAt = performance.now()
      const before = await read()
      await clock.sleep(seconds * 1_000, signal)
      const after = await read()
      windows.push({ before, after, seconds: (performance.now() - startedAt) / 1_000 })
      bar.at(n + 1)
    }
  } finally {
    bar.end()
  }
  return windows
}
