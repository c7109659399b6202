import { createBusProducer, type KafkaProducer } from '../../adapters/kafka/producer.ts'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import { createKafkaTransport } from '../../adapters/kafka/transport.ts'
import { createSwitchingTransport, type SwitchingTransport } from '../../adapters/transport/switching.ts'
import type { EventTransport } from '../../core/ports.ts'
import type { Tools } from '../tools.ts'

/** The bus of this process. */
export interface Bus {
  readonly settings: KafkaSettings
  readonly producer: KafkaProducer
}

/** Null: no Kafka is configured, and events go directly. */
export async function openBus(tools: Tools): Promise<Bus | null> {
  const { clock, log, metrics, stack } = tools
  const { kafka: settings } = await tools.settings()
  if (!settings) return null
  const producer = createBusProducer({ settings, clock, log, metrics })
  stack.push('bus', () => producer[Symbol.asyncDispose]())
  return { settings, producer }
}

/** How events leave a worker: through the bus while it works, else directly. */
export interface WorkerTransport {
  readonly transport: EventTransport
  /** Null: no bus is configured. */
  readonly switching: SwitchingTransport | null
}

export function workerTransport(bus: Bus | null, direct: EventTransport, tools: Tools): WorkerTransport {
  if (!bus) return { transport: direct, switching: null }
  const { clock, log, metrics, stack } = tools
  const kafka = createKafkaTransport(bus.producer)
  const switching = createSwitchingTransport({ kafka, direct, clock, log, metrics })
  stack.push('transport', () => switching[Symbol.asyncDispose]())
  return { transport: switching, switching }
}
