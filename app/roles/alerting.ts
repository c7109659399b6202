import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import { runSequencer } from '../../alerts/changes/sequencer.ts'
import { createEmailChannel } from '../../alerts/channels/email.ts'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { createJobHandlers } from '../../alerts/deadlines/handlers.ts'
import { createNotificationCommands, type NotificationCommands } from '../../alerts/delivery/retry.ts'
import { runDelivery } from '../../alerts/delivery/run.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { createJobs, type Jobs } from '../../alerts/jobs/jobs.ts'
import { createLostSweeper } from '../../alerts/lost/lost.ts'
import { ensurePartitions, runPartitions } from '../../alerts/partitions/partitions.ts'
import { createAlertHooks } from '../../alerts/routing/hooks.ts'
import type {
  AlertCommands,
  CaseCommands,
  Channel,
  Database,
  EvidenceStore,
  MessageReceiver,
} from '../../core/ports.ts'
import type { InboundTopic } from '../../core/topics.ts'
import type { Tools } from '../tools.ts'
import { cityTimezone, runNightly } from './nightly.ts'

/** Takes messages and commands; runs nothing by itself. The `api` role has it too: workers without a bus send there. */
export interface Alerting {
  readonly receivers: Readonly<Partial<Record<InboundTopic, MessageReceiver>>>
  readonly alertCommands: AlertCommands
  readonly caseCommands: CaseCommands
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
}

export async function openAlerting(deps: AlertingDeps): Promise<Alerting> {
  const { tools, database, databaseUrl, publicUrl } = deps
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
  const inbox = createInbox({ database, clock, log, metrics, onTransition: hooks.onTransition })
  return {
    receivers: { 'hazard.events.v1': inbox },
    alertCommands: createAlertCommands({ database, clock, metrics, hooks }),
    caseCommands: createCaseCommands({ database, clock, jobs, log, metrics, publicUrl, channelKinds }),
    notificationCommands: createNotificationCommands({ database, clock, channelKinds }),
    jobs,
    channels,
  }
}

/** Everything of the alerting that runs by itself: deliveries, deadlines, the change log, retention. Stopped by the stack. */
export async function runAlerting(
  alerting: Alerting,
  deps: AlertingDeps & {
    readonly store: EvidenceStore
    /** Whether messages are known to wait somewhere: then silence of an event says nothing. */
    readonly lagging: () => boolean
    /** Removes files that no row names; returns how many. */
    readonly collectOrphans: () => Promise<number>
  },
): Promise<void> {
  const { tools, database, publicUrl, store } = deps
  const { clock, log, metrics, stack } = tools
  const { jobs, caseCommands, channels } = alerting
  const channelKinds = channels.map((channel) => channel.kind)
  await jobs.work(
    createJobHandlers({ database, clock, jobs, caseCommands, log, metrics, publicUrl, channelKinds }),
  )
  const running = new AbortController()
  const { signal } = running
  const loops = [
    runSequencer({ database, clock, log, metrics, signal }),
    runDelivery({ database, channels, clock, log, metrics, signal }),
    createLostSweeper({ database, clock, log, metrics, lagging: deps.lagging }).run(signal),
    runPartitions({ database, clock, log, keepDays: null, signal }),
    runNightly({ database, store, clock, log, metrics, signal, collectOrphans: deps.collectOrphans }),
  ]
  stack.push('alerting', () => {
    running.abort()
    return Promise.all(loops)
  })
}
