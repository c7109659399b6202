import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
  readonly facts: Readonly<Record<string, unknown>>
  readonly links: readonly string[]
  /** Null: it did not fail. */
  readonly failure: string | null
  readonly resource: Readonly<Record<string, unknown>>
}

export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string
  readonly spans: ReceivedSpan[]
  /** HTTP status to answer with. */
  status: number
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}
interface Body {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: {
      spans: {
        traceId: string
        spanId: string
        parentSpanId?: string
        name: string
        startTimeUnixNano: string
        endTimeUnixNano: string
        attributes?: Attribute[]
        links?: { traceId: string; spanId: string }[]
        status?: { code?: number; message?: string }
      }[]
    }[]
  }[]
}

/** Takes OTLP/HTTP in JSON on loopback, as a collector does. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const receiver = { status: 200 }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
    if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/json')
      return response.writeHead(415).end()
    if (receiver.status === 200) spans.push(...read(JSON.parse(plain.toString('utf8')) as Body))
    response.writeHead(receiver.status, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}`,
    spans,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  })
}

const factsOf = (attributes: readonly Attribute[] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const read = ({ resourceSpans }: Body): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? null,
        name: span.name,
        fromMs: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
        toMs: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
        facts: factsOf(span.attributes),
        links: (span.links ?? []).map((link) => link.traceId),
        failure: span.status?.code === 2 ? (span.status.message ?? '') : null,
        resource: factsOf(resource.attributes),
      })),
    ),
  )
