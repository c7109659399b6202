import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  type SpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { toSharpEyesError } from '../core/errors.ts'
import type { Log, Metrics, SpanPlace, Tracer } from '../core/ports/telemetry.ts'
import { traceparentOf } from '../core/trace.ts'
import { redactText } from './log-redact.ts'

export interface OtlpTracer extends Tracer, AsyncDisposable {
  /** Sends what waits. */
  flush(): Promise<void>
}

/** Spans that wait for the receiver; what does not fit is counted and gone: a trace is no evidence. */
const MAX_WAITING = 4_096
const SEND_EVERY_MS = 2_000
const SEND_LIMIT_MS = 10_000
const CLOSE_LIMIT_MS = 3_000

/**
 * OpenTelemetry traces over OTLP/HTTP (JSON) to `<url>/v1/traces`. A receiver that is slow or away costs bounded memory
 * and nothing else.
 */
export function createOtlpTracer(deps: {
  /** For example http://127.0.0.1:4318 */
  readonly url: string
  /** What this process is: `ingest`, `alerts`, `api` or `start`. */
  readonly part: string
  readonly instance: string
  readonly version: string
  readonly log: Log
  readonly metrics: Metrics
  readonly sendEveryMs?: number
}): OtlpTracer {
  const ids = chosenIds()
  const exporter = counted(
    new OTLPTraceExporter({ url: `${deps.url}/v1/traces`, timeoutMillis: SEND_LIMIT_MS }),
    deps,
  )
  const processor = bounded(exporter.exporter, exporter.taken, deps)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'sharp-eyes',
      'service.namespace': deps.part,
      'service.instance.id': deps.instance,
      'service.version': deps.version,
    }),
    idGenerator: ids.generator,
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('sharp-eyes', deps.version)

  const start = (name: string, { parent, links, facts }: SpanPlace, startTime?: number) => {
    const above = parent == null ? null : contextOf(parent)
    return tracer.startSpan(
      name,
      {
        ...(facts && { attributes: { ...facts } }),
        ...(links && { links: links().flatMap((text): Link[] => linkTo(text)) }),
        ...(startTime !== undefined && { startTime }),
      },
      above ? withParent(above) : ROOT_CONTEXT,
    )
  }

  return {
    context: traceparentOf,
    async span(name, place, work) {
      const span = start(name, place)
      try {
        return await work()
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(toSharpEyesError(error).message) })
        throw error
      } finally {
        span.end()
      }
    },
    record(name, { root = false, ...place }, from, to) {
      const own = root && place.parent ? contextOf(place.parent) : null
      const span = own
        ? ids.next(own, () => start(name, { ...place, parent: null }, from))
        : start(name, place, from)
      span.end(Math.max(from, to))
    },
    flush: () => processor.forceFlush(),
    async [Symbol.asyncDispose]() {
      const late = new Promise<void>((done) => setTimeout(done, CLOSE_LIMIT_MS).unref())
      await Promise.race([provider.shutdown().catch(() => undefined), late])
    },
  }
}

/** Random ids, but for the root of an event's trace, whose ids are known before. */
function chosenIds() {
  const random = new RandomIdGenerator()
  let chosen: SpanContext | null = null
  return {
    generator: {
      generateTraceId: () => chosen?.traceId ?? random.generateTraceId(),
      generateSpanId: () => chosen?.spanId ?? random.generateSpanId(),
    },
    /** A span is started synchronously, so nobody else can come between. */
    next<T>(context: SpanContext, make: () => T): T {
      chosen = context
      try {
        return make()
      } finally {
        chosen = null
      }
    },
  }
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/

/** Null: the text is no trace context. It may have come from anybody. */
function contextOf(traceparent: string): SpanContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? []
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  const traceFlags = Number.parseInt(flags, 16) & 1 ? TraceFlags.SAMPLED : TraceFlags.NONE
  return { traceId, spanId, traceFlags, isRemote: true }
}

const withParent = (parent: SpanContext): Context => trace.setSpanContext(ROOT_CONTEXT, parent)

function linkTo(traceparent: string): Link[] {
  const context = contextOf(traceparent)
  return context ? [{ context }] : []
}

/** Counts what the receiver did not take. */
function counted(exporter: SpanExporter, { log, metrics }: { log: Log; metrics: Metrics }) {
  let taken = 0
  let failures = 0
  return {
    /** Spans that left the queue. */
    taken: () => taken,
    exporter: {
      export(spans, done) {
        taken += spans.length
        exporter.export(spans, (result) => {
          if (result.error === undefined && result.code === 0) {
            failures = 0
            metrics.count('traces_sent_total', {}, spans.length)
          } else {
            failures += 1
            metrics.count('traces_unsent_total', { why: 'refused' }, spans.length)
            const level = failures === 1 ? 'warn' : 'debug'
            log[level](
              { error: result.error?.message, spans: spans.length },
              'traces cannot be sent now: they are gone',
            )
          }
          // Told already, and nothing is to be done: the processor must not tell it once more.
          done({ code: 0 })
        })
      },
      shutdown: () => exporter.shutdown(),
    } satisfies SpanExporter,
  }
}

/** The library's batches, and a count of what it drops because its queue is full. */
function bounded(
  exporter: SpanExporter,
  taken: () => number,
  { metrics, sendEveryMs = SEND_EVERY_MS }: { metrics: Metrics; sendEveryMs?: number },
): SpanProcessor {
  const batches = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MAX_WAITING,
    scheduledDelayMillis: sendEveryMs,
    exportTimeoutMillis: SEND_LIMIT_MS + 1_000,
  })
  let queued = 0
  return {
    onStart: (span, context) => batches.onStart(span, context),
    onEnd(span) {
      if (queued - taken() >= MAX_WAITING) metrics.count('traces_unsent_total', { why: 'queue_full' })
      else queued += 1
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  }
}
