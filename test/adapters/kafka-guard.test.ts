import { createRequire } from 'node:module'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { guardKafkajs } from '../../adapters/kafka/guard.ts'

interface Queue {
  pending: unknown[]
  maybeThrottle(ms: number): void
  push(request: object): void
  checkPendingRequests(): void
  fulfillRequest(response: { correlationId: number; payload: null; size: number }): void
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
  prototype: Record<string, () => void>
  new (options: object): Queue
}

guardKafkajs()
beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const openQueue = () => {
  const quiet = { debug() {}, warn() {} }
  const options = {
    maxInFlightRequests: 5,
    requestTimeout: 30_000,
    clientId: 'a',
    broker: 'b',
    logger: quiet,
  }
  return new RequestQueue({ ...options, instrumentationEmitter: { emit() {} } })
}
const request = (correlationId: number, sendRequest: () => void) => ({
  ...{ expectResponse: true, sendRequest },
  entry: { correlationId, apiKey: 3, apiName: 'Metadata', apiVersion: 6, resolve() {}, reject() {} },
})

test('an idle connection looks for waiting requests once a response, and never in between', () => {
  const queue = openQueue()
  const looks = vi.spyOn(queue, 'checkPendingRequests')
  for (let id = 1; id <= 3; id += 1) {
    queue.push(request(id, () => undefined))
    queue.fulfillRequest({ correlationId: id, payload: null, size: 0 })
  }
  vi.advanceTimersByTime(10_000)
  expect(looks).toHaveBeenCalledTimes(3)
})

test('what waits for the end of a throttle is sent when it ends', () => {
  const queue = openQueue()
  const send = vi.fn()
  queue.maybeThrottle(500)
  queue.push(request(1, send))
  vi.advanceTimersByTime(499)
  expect(send).not.toHaveBeenCalled()
  vi.advanceTimersByTime(100)
  expect(send).toHaveBeenCalledOnce()
})

test('what waits for a free place is sent with the next response', () => {
  const queue = openQueue()
  const send = vi.fn()
  for (let id = 1; id <= 6; id += 1) queue.push(request(id, send))
  expect(send).toHaveBeenCalledTimes(5)
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
  expect(send).toHaveBeenCalledTimes(6)
})

test('another kafkajs, without the method, is refused at the start', async () => {
  const method = RequestQueue.prototype.scheduleCheckPendingRequests
  delete RequestQueue.prototype.scheduleCheckPendingRequests
  vi.resetModules()
  const { guardKafkajs: fresh } = await import('../../adapters/kafka/guard.ts')
  expect(fresh).toThrow(/kafkajs is not 2\.2\.4/)
  RequestQueue.prototype.scheduleCheckPendingRequests = method as () => void
})
