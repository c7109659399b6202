import { randomBytes } from 'node:crypto'
import { connectAsync } from 'mqtt'
import type { MqttSettings } from '../../ingest/sensors/mqtt/settings.ts'
import { type Finding, finding } from './finding.ts'

const CONNECT_MS = 8_000
/** CONNACK: bad user name or password, not authorized (3.1.1 and 5). */
const REFUSED = new Set([4, 5, 134, 135])

/** Logs in under a name of its own and leaves again: no session of a worker is touched. */
export async function mqttFindings(settings: MqttSettings): Promise<Finding> {
  const { url, username, password, version, share } = settings
  try {
    const client = await connectAsync(
      url,
      {
        clientId: `se-doctor-${randomBytes(6).toString('hex')}`,
        clean: true,
        protocolVersion: version === '5' ? 5 : 4,
        reconnectPeriod: 0,
        connectTimeout: CONNECT_MS,
        ...(username !== null && { username }),
        ...(password !== null && { password }),
      },
      false, // no second try
    )
    await client.endAsync(true)
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown }
    const way =
      typeof code === 'number' && REFUSED.has(code)
        ? 'see MQTT_USERNAME and MQTT_PASSWORD_FILE'
        : `see MQTT_URL, and MQTT_VERSION (${version}) if the broker speaks another`
    return finding('mqtt', 'fail', `${url}: ${message || String(code ?? 'no answer')}; ${way}`)
  }
  if (share !== null && version === '3.1.1')
    return finding('mqtt', 'warn', `${url}: logged in; MQTT_SHARE belongs to MQTT_VERSION 5`)
  return finding('mqtt', 'ok', `${url}: logged in, MQTT ${version}`)
}
