import { hostname } from 'node:os'
import type { Tracer } from '../core/ports/telemetry.ts'
import { noTracer } from '../core/trace.ts'
import type { Tools } from './tools.ts'
import { VERSION } from './version.ts'

/** Traces as the settings say. Without a receiver not even the library is loaded. `part`: what this process is. */
export async function openTracer(tools: Tools, part: string): Promise<Tracer> {
  const { log, metrics, stack } = tools
  const { otlpUrl: url } = await tools.settings()
  if (url === null) return noTracer
  const { createOtlpTracer } = await import('../adapters/traces.ts')
  const instance = `${hostname()}:${process.pid}`
  const tracer = createOtlpTracer({ url, part, instance, version: VERSION, log, metrics })
  stack.push('traces', () => tracer[Symbol.asyncDispose]())
  return tracer
}
