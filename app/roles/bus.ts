import { createBusProducer, type KafkaProducer } from '../../adapters/kafka/producer.ts'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import { migrateTopics } from '../../adapters/kafka/topics.ts'
import { createKafkaTransport } from '../../adapters/kafka/transport.ts'
import { createSwitchingTransport, type SwitchingTransport } from '../../adapters/transport/switching.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
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

const TOPICS_AGAIN_MS = 10_000

/**
 * Makes the topics of the bus that are missing. While Kafka is away that is tried again until the signal, and what is
 * answered does not wait for it: a site starts without its bus, and its events go directly. Throws `config_invalid`.
 */
export async function makeTopics({ settings }: Bus, { clock, log, signal }: Tools): Promise<void> {
  const attempt = () =>
    migrateTopics(settings, log).then(
      () => true,
      (thrown: unknown) => {
        const error = toSharpEyesError(thrown)
        if (!error.retryable) throw error
        log.warn({ error: error.message }, 'the topics of the bus cannot be made now: trying again')
        return false
      },
    )
  if (await attempt()) return
  const later = async (): Promise<void> => {
    do await clock.sleep(TOPICS_AGAIN_MS, signal)
    while (!(await attempt()))
  }
  later().catch((thrown: unknown) => {
    if (!signal.aborted)
      log.error({ error: toSharpEyesError(thrown).message }, 'the topics of the bus cannot be made')
  })
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
