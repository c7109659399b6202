import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

interface Received {
  readonly id: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly payload: {
    readonly type: string
    readonly timestamp: string
    readonly data: Record<string, unknown>
  }
}

export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string
  /** Messages whose signature was right, in order of arrival. */
  readonly received: Received[]
  /** Requests whose signature was wrong. */
  readonly refused: string[]
  /** How the next and all later verified messages are answered; default 204. */
  answer: (response: ServerResponse, message: Received) => void
  /** Resolves when `count` messages have arrived; rejects after `timeoutMs`. */
  waitFor(count: number, timeoutMs?: number): Promise<readonly Received[]>
}

/** A department's receiver: a real HTTP server that verifies every signature with the library. */
export async function startWebhookReceiver(secret: string): Promise<WebhookReceiver> {
  const verifier = new Webhook(secret)
  const received: Received[] = []
  const refused: string[] = []
  const waiters = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const id = String(request.headers['webhook-id'])
      try {
        const payload = verifier.verify(
          body,
          request.headers as Record<string, string>,
        ) as Received['payload']
        const message = { id, headers: request.headers, body, payload }
        received.push(message)
        receiver.answer(response, message)
      } catch (error) {
        refused.push(`${id}: ${(error as Error).message}`)
        response.writeHead(401).end()
      }
      for (const check of waiters) check()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    refused,
    answer: (response) => response.writeHead(204).end(),
    waitFor(count, timeoutMs = 30_000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiters.delete(check)
          reject(new Error(`${received.length} of ${count} messages came; refused: ${refused.join('; ')}`))
        }, timeoutMs)
        const check = () => {
          if (received.length < count) return
          clearTimeout(timer)
          waiters.delete(check)
          resolve(received)
        }
        waiters.add(check)
        check()
      })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
