import { type BusConsumer, createBusConsumer } from '../../adapters/kafka/consumer.ts'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import { runPublisher } from '../../alerts/changes/publish.ts'
import { runSequencer } from '../../alerts/changes/sequencer.ts'
import { createEmailChannel } from '../../alerts/channels/email.ts'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { createJobHandlers } from '../../alerts/deadlines/handlers.ts'
import { createNotificationCommands, type NotificationCommands } from '../../alerts/delivery/retry.ts'
import { runDelivery } from '../../alerts/delivery/run.ts'
import { createEvidenceCommands } from '../../alerts/evidence/holds.ts'
import { createRecordingCommands } from '../../alerts/evidence/recordings.ts'
import { requestPictures } from '../../alerts/evidence/requests.ts'
import { runMaintenance } from '../../alerts/history/maintenance.ts'
import type { AlertHooks } from '../../alerts/hooks.ts'
import { createInbox, type Inbox } from '../../alerts/inbox/inbox.ts'
import { createJobs, type Jobs } from '../../alerts/jobs/jobs.ts'
import { createLostSweeper } from '../../alerts/lost/lost.ts'
import { ensurePartitions } from '../../alerts/partitions/partitions.ts'
import { createAlertHooks } from '../../alerts/routing/hooks.ts'
import { createAgreement } from '../../alerts/sensors/agreement.ts'
import { createSensorCommands } from '../../alerts/sensors/commands.ts'
import { createReadingsInbox } from '../../alerts/sensors/inbox.ts'
import { createSensorPictures } from '../../alerts/sensors/pictures.ts'
import { runSensorWatch } from '../../alerts/sensors/watch.ts'
import type { EvidenceCommands } from '../../core/evidence.ts'
import type { Channel } from '../../core/ports/channel.ts'
import type { AlertCommands, CaseCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import type { Tracer } from '../../core/ports/telemetry.ts'
import type { RecordingCommands } from '../../core/recordings.ts'
import type { SensorCommands } from '../../core/sensors/commands.ts'
import type { InboundTopic } from '../../core/topics.ts'
import type { OpenAudit } from '../audit.ts'
import type { OpenEvidence } from '../evidence.ts'
import type { Tools } from '../tools.ts'
import { runAudit } from './audit.ts'
import type { Bus } from './bus.ts'
import { watchWorkers } from './heard.ts'
import { cityTimezone, runNightly } from './nightly.ts'

/** Takes messages and commands; runs nothing by itself. The `api` role has it too: workers without a bus send there. */
export interface Alerting {
  readonly inbox: Inbox
  readonly receivers: Readonly<Partial<Record<InboundTopic, MessageReceiver>>>
  readonly alertCommands: AlertCommands
  readonly caseCommands: CaseCommands
  readonly evidenceCommands: EvidenceCommands
  readonly sensorCommands: SensorCommands
  readonly recordingCommands: RecordingCommands
  readonly notificationCommands: NotificationCommands
  readonly jobs: Jobs
  readonly channels: readonly Channel[]
}

interface AlertingDeps {
  readonly tools: Tools
  readonly database: Database
  readonly databaseUrl: string
  /** Address of the pages, for links in messages. */
  readonly publicUrl: string
  readonly tracer: Tracer
}

export async function openAlerting(deps: AlertingDeps): Promise<Alerting> {
  const { tools, database, databaseUrl, publicUrl, tracer } = deps
  const { smtp } = await tools.settings()
  const { clock, log, metrics, stack } = tools
  // Before the first event; later days are made by the loop of `runAlerting`.
  await ensurePartitions(database, clock.now())
  const channels = [
    createWebhookChannel({ clock }),
    ...(smtp ? [createEmailChannel({ relay: smtp, timezone: () => cityTimezone(database) })] : []),
  ]
  const channelKinds = channels.map((channel) => channel.kind)
  const jobs = await createJobs({ url: databaseUrl, log, metrics })
  stack.push('jobs', () => jobs[Symbol.asyncDispose]())
  const hooks = createAlertHooks({ clock, jobs, metrics, publicUrl, channelKinds })
  const onTransition = inTurn(
    // First: those after it see the severity as raised.
    createAgreement({ clock, metrics, onRaised: hooks.onTransition }),
    hooks.onTransition,
    createSensorPictures({ requestPictures, clock }),
  )
  const inbox = createInbox({ database, clock, log, metrics, onTransition, tracer })
  return {
    inbox,
    receivers: {
      'hazard.events.v1': inbox,
      'sensor.readings.v1': createReadingsInbox({ database, inbox, clock, log, metrics }),
    },
    recordingCommands: createRecordingCommands({ database, log, metrics }),
    sensorCommands: createSensorCommands({ database, inbox, clock, metrics }),
    alertCommands: createAlertCommands({ database, clock, metrics, hooks }),
    caseCommands: createCaseCommands({ database, clock, jobs, log, metrics, publicUrl, channelKinds }),
    evidenceCommands: createEvidenceCommands({ database, clock, log, metrics }),
    notificationCommands: createNotificationCommands({ database, clock, channelKinds }),
    jobs,
    channels,
  }
}

/** One hook after the other, in the transaction of the change. */
const inTurn =
  (...hooks: readonly AlertHooks['onTransition'][]): AlertHooks['onTransition'] =>
  async (tx, alert, transition) => {
    for (const hook of hooks) await hook(tx, alert, transition)
  }

/** Group of the alerting processes on the bus; all of a site share its partitions. */
const GROUP = 'alerting'
/** A topic that is read so late: silence of an event says nothing then. */
const LAGGING_S = 30

export interface RunningAlerting {
  /** Null: no bus. */
  readonly consumer: BusConsumer | null
}

/** Everything of the alerting that runs by itself: deliveries, deadlines, the change log, retention. Stopped by the stack. */
export async function runAlerting(
  alerting: Alerting,
  deps: AlertingDeps & {
    /** Null: messages come directly, and nothing is published. */
    readonly bus: Bus | null
    readonly evidence: OpenEvidence
    readonly audit: OpenAudit
    /** Whether messages are known to wait somewhere: then silence of an event says nothing. */
    readonly lagging: () => boolean
    /** Whether no sensor can be heard, as far as this process knows: then silence of a sensor says nothing. */
    readonly deaf?: () => boolean
  },
): Promise<RunningAlerting> {
  const { tools, database, publicUrl, bus, evidence, tracer } = deps
  const { clock, log, metrics, stack } = tools
  const { jobs, caseCommands, channels } = alerting
  const channelKinds = channels.map((channel) => channel.kind)
  await jobs.work(
    createJobHandlers({ database, clock, jobs, caseCommands, log, metrics, publicUrl, channelKinds }),
  )
  const { keep } = await tools.settings()
  const running = new AbortController()
  const { signal } = running
  const consumer =
    bus &&
    createBusConsumer({
      settings: bus.settings,
      group: GROUP,
      receivers: alerting.receivers,
      producer: bus.producer,
      ...{ clock, log, metrics },
    })
  // A consumer that does not know how far behind it is may be far behind.
  const lagging = () =>
    deps.lagging() || (consumer !== null && (consumer.lagSeconds() ?? LAGGING_S) >= LAGGING_S)
  const heard = watchWorkers({ database, clock })
  const deaf = () => lagging() || !heard.anybody() || (deps.deaf?.() ?? false)
  const loops = [
    runSequencer({ database, clock, log, metrics, signal }),
    runDelivery({ database, channels, clock, log, metrics, tracer, signal }),
    createLostSweeper({ database, clock, log, metrics, lagging }).run(signal),
    runSensorWatch({ database, inbox: alerting.inbox, clock, log, metrics, lagging: deaf }, signal),
    heard.run(signal),
    runMaintenance({ database, clock, log, metrics, keep, signal }),
    runAudit({ ...deps.audit, database, clock, log, signal }),
    runNightly({ database, evidence, clock, log, metrics, signal }),
    ...(bus && consumer
      ? [
          consumer.run(signal),
          runPublisher({ database, producer: bus.producer, clock, log, metrics, signal }),
        ]
      : []),
  ]
  stack.push('alerting', () => {
    running.abort()
    return Promise.all(loops)
  })
  return { consumer }
}
