import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { processTree } from '../support/processes.ts'

export const sumOf = (bytes: ReadonlyMap<string, number>) =>
  [...bytes.values()].reduce((sum, one) => sum + one, 0)

/**
 * Bytes of memory that are this browser's own, by kind of process: what it has allocated and what they share among
 * themselves. Not its program, whose part in a sum falls when another browser starts on the machine, and not the process
 * that writes down `allocatorBytes`.
 */
export function browserBytes(): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { pid, command } of processTree(process.pid)) {
    if (!command.includes('chromium')) continue
    const kind = /--utility-sub-type=(\w+)/.exec(command) ?? /--type=([\w-]+)/.exec(command)
    if (kind?.[1] === 'tracing') continue
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      for (const [, kilobytes] of rollup.matchAll(/^Pss_(?:Anon|Shmem):\s+(\d+)/gm)) {
        const name = kind?.[1] ?? 'browser'
        sums.set(name, (sums.get(name) ?? 0) + Number(kilobytes) * 1_024)
      }
    } catch {
      // It ended while we looked.
    }
  }
  return sums
}

interface MemoryDump {
  readonly ph: string
  readonly pid: number
  readonly args: {
    readonly name?: string
    readonly dumps?: { readonly allocators?: Readonly<Record<string, { readonly attrs?: Sizes }>> }
  }
}
type Sizes = Readonly<Partial<Record<'size' | 'effective_size', { readonly value: string }>>>

/**
 * Bytes of the largest process that shows pages, by what holds them there (`media/frame_buffers`: decoded pictures), as Chromium's own
 * memory dump tells (category memory-infra; two levels of names). What one allocator has from another counts at both.
 */
export async function allocatorBytes(page: Page): Promise<Map<string, number>> {
  const browser = page.context().browser()
  if (!browser) throw new Error('the page has no browser of its own')
  const cdp = await browser.newBrowserCDPSession()
  const events: MemoryDump[] = []
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as MemoryDump[])))
  const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve))
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: ['disabled-by-default-memory-infra'],
      excludedCategories: ['*'],
      memoryDumpConfig: {},
    },
  })
  await cdp.send('Tracing.requestMemoryDump', { levelOfDetail: 'detailed' })
  await cdp.send('Tracing.end')
  await complete
  await cdp.detach()
  const renderers = new Set(
    events.filter(({ ph, args }) => ph === 'M' && args.name === 'Renderer').map(({ pid }) => pid),
  )
  const ofProcesses = new Map<number, Map<string, number>>()
  for (const { ph, pid, args } of events) {
    if (ph !== 'v' || !renderers.has(pid)) continue
    const sizes = ofProcesses.get(pid) ?? new Map<string, number>()
    ofProcesses.set(pid, sizes)
    for (const [name, { attrs }] of Object.entries(args.dumps?.allocators ?? {})) {
      const size = attrs?.effective_size ?? attrs?.size
      if (size && name.split('/').length <= 2) sizes.set(name, Number.parseInt(size.value, 16))
    }
  }
  const [largest] = [...ofProcesses.values()].toSorted((a, b) => sumOf(b) - sumOf(a))
  return new Map([...(largest ?? [])].toSorted(([a], [b]) => a.localeCompare(b)))
}
