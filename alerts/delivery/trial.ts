import { v7 as uuidv7 } from 'uuid'
import { hasRole } from '../../core/actor.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Channel, DeliveryOutcome } from '../../core/ports/channel.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { ChannelTrial, ChannelTrials } from '../../core/routing.ts'
import type { EpochMs } from '../../core/units.ts'
import { readDepartments } from '../routing/city.ts'
import { addressed } from './enqueue.ts'
import type { NotificationPayload } from './message.ts'

const TIMEOUT_MS = 10_000
/** A person waits for the answer; who presses again at once would flood the department. */
const PAUSE_MS = 10_000

/** Tries a channel as deliveries use it: the same program, the same address, the real answer. */
export function createChannelTrials(deps: {
  readonly database: Database
  readonly channels: readonly Channel[]
  readonly clock: Clock
}): ChannelTrials {
  const { database, channels, clock } = deps
  const lastAt = new Map<string, EpochMs>()
  return {
    async test(department, place, actor) {
      if (!hasRole(actor, 'admin'))
        throw new SharpEyesError('forbidden', `only an admin may test a channel; ${actor.name} is none`)
      const config = (await readDepartments(database)).get(department)
      const target = config?.channels[place]
      if (!target)
        throw new SharpEyesError(
          'not_found',
          `department ${department} has ${config?.channels.length ?? 0} channels, none at place ${place}`,
        )
      const channel = channels.find(({ kind }) => kind === target.kind)
      if (!channel)
        throw new SharpEyesError(
          'state_conflict',
          target.kind === 'email'
            ? 'this program has no mail relay: set SMTP_HOST and SMTP_FROM'
            : `this program cannot send by ${target.kind}`,
          { details: { why: target.kind === 'email' ? 'no_relay' : 'unknown_channel' } },
        )
      const now = clock.now()
      const key = `${department}/${place}`
      if (now - (lastAt.get(key) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS)
        throw new SharpEyesError(
          'too_many_requests',
          `channel ${place + 1} of ${department} was tested a moment ago: wait ${PAUSE_MS / 1000} s`,
        )
      lastAt.set(key, now)
      const trials = await Promise.all(
        addressed(target).map((to, index) => tryOne(channel, to, `${department}/${index + 1}`, clock)),
      )
      await database.transaction((tx) =>
        writeChange(tx, {
          topic: 'config',
          key: `department/${department}`,
          payload: {
            change: 'tested',
            ...{ channel: target.kind, place: place + 1, actor: actor.name },
            codes: trials.map(({ code }) => code),
          },
        }),
      )
      return trials
    },
  }
}

async function tryOne(
  channel: Channel,
  target: unknown,
  recipient: string,
  clock: Clock,
): Promise<ChannelTrial> {
  const id = uuidv7()
  const started = performance.now()
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const outcome = await channel
    .deliver({ id: `msg_${id.replaceAll('-', '')}`, payload: testPayload(id, clock.now()), target }, signal)
    .catch((): DeliveryOutcome => {
      const [code, error] = signal.aborted
        ? ['timeout', `no answer within ${TIMEOUT_MS / 1000} s: it may have arrived`]
        : ['channel_error', 'the channel broke']
      return { kind: 'failed', retryable: false, code, error }
    })
  return {
    recipient,
    delivered: outcome.kind === 'delivered',
    code: outcome.code,
    error: outcome.kind === 'delivered' ? null : outcome.error,
    tookMs: Math.round(performance.now() - started),
  }
}

/** In the shape of every other message, so that the receiver's own program is tried too. */
const testPayload = (id: string, now: EpochMs): NotificationPayload => ({
  type: 'channel.test',
  timestamp: new Date(now).toISOString(),
  data: {
    ...{ case: null, alert: null, thread: `test:${id}` },
    ...{ type: 'test', name: { zh: '测试消息', en: 'Test message' }, severity: 4 },
    ...{ place: null, camera: null, sensor: null },
    since: new Date(now).toISOString(),
    verified: true,
    links: {},
  },
})
