import type { IPublishPacket, MqttClient } from 'mqtt'

/** What a PUBACK needs: a packet id means something only on the connection that it came over. */
export interface Ack {
  readonly stream: MqttClient['stream']
  readonly id: number
}

/**
 * mqtt.js calls `handleMessage` for one message at a time and answers the broker when its callback is called: a commit a
 * message. With an error in the callback it sends no PUBACK and reads on (5.16.0, `handlers/publish.js`); the PUBACK is
 * then ours to send, after the commit of many. mqtt.js would also keep a PUBACK for the next connection when this one is
 * gone, and there its packet id can be another message's.
 */
export const ANSWERED_LATER = new Error('answered after the commit')

/** Null for QoS 0: nobody waits for an answer. */
export const ackOf = (client: MqttClient, packet: IPublishPacket): Ack | null =>
  packet.qos === 0 || packet.messageId === undefined ? null : { stream: client.stream, id: packet.messageId }

/** Sends the PUBACKs, in the order in which their messages came, as one write. Those of a former connection are void. */
export function acknowledge(client: MqttClient, acks: readonly Ack[]): void {
  const { stream } = client
  if (!client.connected || stream.destroyed) return
  const bytes = acks
    .filter((ack) => ack.stream === stream)
    .flatMap(({ id }) => [PUBACK, 2, id >> 8, id & 0xff])
  if (bytes.length > 0) stream.write(Buffer.from(bytes))
}

/** Fixed header; two bytes follow. In MQTT 5 a missing reason code means success. */
const PUBACK = 0x40
