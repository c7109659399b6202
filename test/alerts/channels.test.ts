import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { type ChannelBench, channelContract } from '../contract/channel.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

// From the test suite of standard-webhooks/standard-webhooks.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const clock = { now: () => Date.now(), sleep: () => Promise.resolve() }

async function bench(secretText = `${SECRET}\n`) {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-hook-'))
  const secretFile = join(folder, 'ecology.whsec')
  await writeFile(secretFile, secretText)
  const receiver = await startWebhookReceiver(SECRET)
  const answers: Record<Parameters<ChannelBench['behave']>[0], typeof receiver.answer> = {
    accept: (response) => response.writeHead(202).end('ok'),
    fail: (response) => response.writeHead(500).end(),
    gone: (response) => response.writeHead(410).end(),
    busy_for_7_s: (response) => response.writeHead(429, { 'retry-after': '7' }).end(),
    freeze: () => undefined,
    break: (response) => response.destroy(),
  }
  return {
    receiver,
    secretFile,
    channel: createWebhookChannel({ clock }),
    target: { kind: 'webhook', url: receiver.url, secretFile },
    // Port 9 (discard) of the loopback interface: nobody listens.
    deadTarget: { kind: 'webhook', url: 'http://127.0.0.1:9/hook?key=hidden-in-url', secretFile },
    secrets: [SECRET, SECRET.slice(6), 'hidden-in-url'],
    behave(as: Parameters<ChannelBench['behave']>[0]) {
      receiver.answer = answers[as]
    },
    ids: () => receiver.received.map(({ id }) => id),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

describe('webhook keeps the contract of a channel', () => {
  channelContract(bench)
})

describe('webhook', () => {
  test("signs like the specification's vector", () => {
    const signature = new Webhook(SECRET).sign(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      new Date(1_614_265_330_000),
      '{"test": 2432232314}',
    )
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  test('refuses a redirect: the other address is never called', async () => {
    await using first = await bench()
    await using other = await bench()
    first.receiver.answer = (response) => response.writeHead(307, { location: other.receiver.url }).end()
    const outcome = await first.channel.deliver(
      { id: 'msg_1', payload: {}, target: first.target },
      AbortSignal.timeout(20_000),
    )
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, code: 'http_307' })
    expect(other.receiver.received.length + other.receiver.refused.length).toBe(0)
  })

  test.each([
    ['another secret', `whsec_${Buffer.alloc(24, 7).toString('base64')}`, 'http_401'],
    ['no secret at all', 'this is no secret', 'secret'],
    ['an empty file', '\n', 'secret'],
  ])('%s in the file is a failure that does not show it', async (_, text, code) => {
    await using opened = await bench(text)
    const outcome = await opened.channel.deliver(
      { id: 'msg_1', payload: {}, target: opened.target },
      AbortSignal.timeout(20_000),
    )
    expect(outcome).toMatchObject({ kind: 'failed', code })
    if (text.trim()) expect(JSON.stringify(outcome)).not.toContain(text.trim())
  })

  test('a payload of 20 kB is refused before it is sent', async () => {
    await using opened = await bench()
    const outcome = await opened.channel.deliver(
      { id: 'msg_1', payload: { text: 'x'.repeat(20_000) }, target: opened.target },
      AbortSignal.timeout(20_000),
    )
    expect(outcome).toMatchObject({ kind: 'failed', code: 'too_large' })
    expect(opened.ids()).toEqual([])
  })
})
