import { describe, expect, test } from 'vitest'
import { createEmailChannel } from '../../alerts/channels/email.ts'
import { mailOf } from '../../alerts/channels/email-text.ts'
import { type ChannelBench, channelContract } from '../contract/channel.ts'
import { closedPort, startSmtpReceiver } from '../support/smtp-receiver.ts'

const PASSWORD = 'relay-password-of-the-test'
const timezone = () => Promise.resolve('Asia/Shanghai')

function message(more: object = {}) {
  return {
    type: 'case.filed',
    timestamp: '2026-11-24T08:00:00.000Z',
    data: {
      case: '2026-000001',
      alert: 'a1',
      thread: 'alert:a1',
      type: 'plume',
      name: { zh: '黑烟', en: 'Dark plume' },
      severity: 2,
      place: { address: '学府路 1 号', grid: '130104-017' },
      camera: { id: 'works-chimney', name: { zh: '三号烟囱', en: 'Chimney 3' } },
      since: '2026-11-24T07:58:00.000Z',
      verified: true,
      links: { case: 'https://eyes.city.example/cases/2026-000001' },
      ...more,
    },
  }
}

async function bench(password = PASSWORD) {
  const receiver = await startSmtpReceiver({ user: 'eyes', password: PASSWORD })
  const relay = {
    host: '127.0.0.1',
    security: 'none' as const,
    username: 'eyes',
    password,
    from: 'Sharp Eyes <eyes@city.example>',
  }
  const behaviours: Record<Parameters<ChannelBench['behave']>[0], typeof receiver.state.behaviour> = {
    ...{ accept: 'accept', fail: 'fail', gone: 'gone', freeze: 'freeze', break: 'break' },
    busy_for_7_s: 'busy',
  }
  const channel = createEmailChannel({ relay: { ...relay, port: receiver.port }, timezone })
  const away = createEmailChannel({ relay: { ...relay, port: await closedPort() }, timezone })
  return {
    receiver,
    payload: message(),
    // The relay belongs to the channel and not to the target: a dead one is another channel.
    channel: {
      kind: 'email',
      deliver: (mail: Parameters<typeof channel.deliver>[0], signal: AbortSignal) =>
        (mail.target === DEAD ? away : channel).deliver(
          mail.target === DEAD ? { ...mail, target: TARGET } : mail,
          signal,
        ),
    },
    target: TARGET,
    deadTarget: DEAD,
    /** SMTP has no word for when to come again. */
    saysWhen: false,
    secrets: [PASSWORD],
    behave(as: Parameters<ChannelBench['behave']>[0]) {
      receiver.state.behaviour = behaviours[as]
    },
    ids: () => receiver.received.map((mail) => /<([^@]+)@/.exec(mail.header('message-id') ?? '')?.[1] ?? ''),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  }
}
const TARGET = { kind: 'email', to: ['duty@ecology.example'] }
const DEAD = { kind: 'email', to: ['nobody@ecology.example'] }

describe('e-mail keeps the contract of a channel', () => {
  channelContract(bench)
})

describe('e-mail', () => {
  test('the same message again has the same Message-ID and the thread of its matter', async () => {
    await using one = await bench()
    const send = (type: string) =>
      one.channel.deliver(
        { id: 'msg_7', payload: { ...message(), type }, target: one.target },
        AbortSignal.timeout(20_000),
      )
    await send('alert.at_once')
    await send('alert.cancelled')
    expect(one.receiver.received.map((mail) => mail.header('message-id'))).toEqual([
      '<msg_7@city.example>',
      '<msg_7@city.example>',
    ])
    expect(one.receiver.received.map((mail) => mail.header('references'))).toEqual([
      '<alert-a1@city.example>',
      '<alert-a1@city.example>',
    ])
    expect(one.receiver.received[0]?.to).toEqual(['duty@ecology.example'])
  })

  test('a wrong password is tried again later, and is not in the error', async () => {
    await using one = await bench('wrong-password-of-the-test')
    const outcome = await one.channel.deliver(
      { id: 'msg_8', payload: message(), target: one.target },
      AbortSignal.timeout(20_000),
    )
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, code: 'smtp_535' })
    expect(JSON.stringify(outcome)).not.toContain('wrong-password-of-the-test')
  })
})

describe('text of a mail', () => {
  test('says what, where, when in local time, and what to do', () => {
    const mail = mailOf(
      message({ due: { clock: 'accept', at: '2026-11-24T10:00:00.000Z' } }),
      'Asia/Shanghai',
    )
    expect(mail?.subject).toBe('【待签收】黑烟 · 学府路 1 号 · 2026-000001')
    for (const part of ['请签收', '15:58:00', '18:00:00', 'https://eyes.city.example/cases/2026-000001'])
      expect(mail?.text).toContain(part)
  })

  test('an unverified alert says so, a hostile place stays in its line', () => {
    const mail = mailOf(
      {
        ...message({ verified: false, place: { address: 'x\r\nBcc: all@city.example' } }),
        type: 'alert.at_once',
      },
      'UTC',
    )
    expect(mail?.subject).not.toMatch(/[\r\n]/)
    expect(mail?.text).toContain('未经人工核实')
  })

  test('what is no notification is none', () => {
    expect(mailOf({ nonsense: true }, 'UTC')).toBeNull()
  })
})
