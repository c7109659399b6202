import { loadavg } from 'node:os'
import type { CDPSession, Page } from 'playwright-core'

export const say = (line: string): void => {
  process.stdout.write(`${line} (load ${loadavg()[0]?.toFixed(1)})\n`)
}

export const openCdp = (page: Page): Promise<CDPSession> => page.context().newCDPSession(page)

/** Bytes of JavaScript that are alive, after two collections: what the first one finalizes goes with the second. */
export async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage')
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  return usedSize
}

export const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)
