import type { MqttClient } from 'mqtt'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'

/** Which filters the broker has confirmed, against those that are wanted. */
export interface Subscriptions {
  /** Subscribes to what is missing, then unsubscribes from what is no longer wanted. One run at a time. */
  sync(wanted: ReadonlySet<string>): Promise<void>
  /** A new connection: what was refused is asked for again, and everything when the broker has no session of ours. */
  connected(sessionPresent: boolean): void
  /** Filter → why the broker does not serve it as asked. */
  readonly problems: ReadonlyMap<string, string>
  /** Whether the broker has answered for each of these, and for no others. */
  complete(wanted: ReadonlySet<string>): boolean
}

const CHUNK = 500
const REFUSED = 0x80

export function createSubscriptions(
  client: MqttClient,
  { log, metrics }: { log: Log; metrics: Metrics },
): Subscriptions {
  const confirmed = new Set<string>()
  const problems = new Map<string, string>()
  let running = false

  async function subscribe(filters: readonly string[]): Promise<void> {
    const granted = await ask(client, filters)
    for (const [index, filter] of filters.entries()) {
      const code = granted[index] ?? REFUSED
      const problem =
        code >= REFUSED
          ? `the broker refuses the subscription (code ${code}): may this user read the topic?`
          : code === 0
            ? 'the broker grants QoS 0 only: what is sent while we are away is lost'
            : null
      confirmed.add(filter)
      if (problem === null) problems.delete(filter)
      else if (problems.get(filter) !== problem) {
        problems.set(filter, problem)
        metrics.count('mqtt_subscription_refused_total')
        log.error({ filter, problem }, 'a topic is not subscribed to as it should be')
      }
    }
  }

  return {
    problems,
    complete: (wanted) =>
      confirmed.size === wanted.size && [...wanted].every((filter) => confirmed.has(filter)),
    connected(sessionPresent) {
      for (const filter of sessionPresent ? problems.keys() : confirmed) confirmed.delete(filter)
    },
    async sync(wanted) {
      if (running || !client.connected) return
      running = true
      try {
        const missing = [...wanted].filter((filter) => !confirmed.has(filter))
        for (let at = 0; at < missing.length; at += CHUNK) await subscribe(missing.slice(at, at + CHUNK))
        const surplus = [...confirmed].filter((filter) => !wanted.has(filter))
        if (surplus.length > 0) await client.unsubscribeAsync(surplus)
        for (const filter of surplus) {
          confirmed.delete(filter)
          problems.delete(filter)
        }
      } catch (error) {
        // The connection broke: what is not confirmed is asked for again on the next one.
        log.debug({ error: String(error) }, 'subscriptions are not complete')
      } finally {
        running = false
      }
    },
  }
}

/** The broker's answer for each filter, in their order. Rejects when the connection breaks before it. */
const ask = (client: MqttClient, filters: readonly string[]): Promise<readonly number[]> =>
  new Promise((resolve, reject) => {
    client.subscribe([...filters], { qos: 1 }, (error, _granted, packet) => {
      if (packet) resolve(packet.granted.map(Number))
      else reject(error ?? new Error('no answer to a subscription'))
    })
  })
