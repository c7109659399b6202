/** Where a broker of one node listens and keeps its log. */
export interface BrokerPlace {
  readonly port: number
  readonly controllerPort: number
  readonly dataFolder: string
}

/** server.properties of one node that is broker and controller, on loopback only; `more` wins. */
export const serverProperties = (
  { port, controllerPort, dataFolder }: BrokerPlace,
  more: Readonly<Record<string, string>>,
): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataFolder,
    // `sharp-eyes migrate` makes the topics; a misspelt name must fail.
    'auto.create.topics.enable': false,
    'compression.type': 'producer',
    // One node cannot hold three copies, and fifty partitions of offsets cost start-up time.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    // A group of one or two consumers need not wait for more of them.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // After kill -9 the controller lets the broker in again when its former session has ended.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 4,
    ...more,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
