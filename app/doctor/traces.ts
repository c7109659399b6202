import { type Finding, finding } from './finding.ts'

const CALL_MS = 5_000

/** Sends no span. A receiver that is away costs traces and nothing else. */
export async function tracesFinding(url: string): Promise<Finding> {
  const where = `${url}/v1/traces`
  try {
    const response = await fetch(where, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [] }),
      signal: AbortSignal.timeout(CALL_MS),
    })
    await response.body?.cancel()
    return response.ok
      ? finding('traces', 'ok', where)
      : finding('traces', 'warn', `${where} answers ${response.status}; see OTEL_EXPORTER_OTLP_ENDPOINT`)
  } catch (error) {
    const reason = ((error as Error).cause as { code?: string } | undefined)?.code ?? (error as Error).name
    return finding('traces', 'warn', `${where}: no answer (${reason}); see OTEL_EXPORTER_OTLP_ENDPOINT`)
  }
}
