import { mkdir, rm } from 'node:fs/promises'
import { collectOrphans } from '../../adapters/evidence-store/collect.ts'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import { runSequencer } from '../../alerts/changes/sequencer.ts'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { createJobHandlers } from '../../alerts/deadlines/handlers.ts'
import { createNotificationCommands, type NotificationCommands } from '../../alerts/delivery/retry.ts'
import { runDelivery } from '../../alerts/delivery/run.ts'
import { runRetention } from '../../alerts/evidence/retention.ts'
import { createInbox, type Inbox } from '../../alerts/inbox/inbox.ts'
import { createJobs } from '../../alerts/jobs/jobs.ts'
import { createLostSweeper } from '../../alerts/lost/lost.ts'
import { ensurePartitions, runPartitions } from '../../alerts/partitions/partitions.ts'
import { createAlertHooks } from '../../alerts/routing/hooks.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { AlertCommands, CaseCommands, Database, EvidenceStore } from '../../core/ports.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Tools } from '../tools.ts'

const HOUR_MS = 3_600_000

export interface Alerting {
  readonly inbox: Inbox
  readonly alertCommands: AlertCommands
  readonly caseCommands: CaseCommands
  readonly notificationCommands: NotificationCommands
}

/** The role that alerts: inbox, alerts, cases, deliveries, deadlines, the change log, retention. Stopped by the stack. */
export async function startAlerting(deps: {
  readonly tools: Tools
  readonly folder: DataFolder
  readonly database: Database
  readonly databaseUrl: string
  readonly store: EvidenceStore
  /** Address of the pages, for links in messages. */
  readonly publicUrl: string
  readonly timezone: string
  /** Whether messages are known to wait somewhere: then silence of an event says nothing. */
  readonly lagging: () => boolean
}): Promise<Alerting> {
  const { tools, folder, database, databaseUrl, store, publicUrl, timezone } = deps
  const { clock, log, metrics, stack } = tools

  // Before the first event; later days are made by the loop below.
  await ensurePartitions(database, clock.now())
  const channels = [createWebhookChannel({ clock })]
  const channelKinds = channels.map((channel) => channel.kind)
  const jobs = await createJobs({ url: databaseUrl, log, metrics })
  stack.push('jobs', () => jobs[Symbol.asyncDispose]())
  const caseCommands = createCaseCommands({ database, clock, jobs, log, metrics, publicUrl, channelKinds })
  const hooks = createAlertHooks({ clock, jobs, metrics, publicUrl, channelKinds })
  const inbox = createInbox({ database, clock, log, metrics, onTransition: hooks.onTransition })
  const alertCommands = createAlertCommands({ database, clock, metrics, hooks })
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
    nightly(),
  ]
  stack.push('alerting', () => {
    running.abort()
    return Promise.all(loops)
  })
  return {
    inbox,
    alertCommands,
    caseCommands,
    notificationCommands: createNotificationCommands({ database, clock }),
  }

  /** Retention and orphaned files in the small hours of the city. */
  async function nightly(): Promise<void> {
    let lastNight = ''
    while (!signal.aborted) {
      try {
        const { day, hour } = cityTime(clock.now(), timezone)
        if (hour === 3 && day !== lastNight) {
          await runRetention({ database, store, clock, log, metrics })
          const removed = await collectOrphans(folder.evidence, database, clock)
          metrics.count('evidence_orphans_total', {}, removed)
          lastNight = day
        }
      } catch (error) {
        log.error(
          { error: toSharpEyesError(error).message },
          'the nightly maintenance failed and is tried again in half an hour',
        )
      }
      await clock.sleep(HOUR_MS / 2, signal).catch(() => undefined)
    }
  }
}

function cityTime(at: number, timezone: string): { day: string; hour: number } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hour12: false,
  }).formatToParts(at)
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return { day: `${part('year')}-${part('month')}-${part('day')}`, hour: Number(part('hour')) % 24 }
}

/** Removes half-made clips of a process that was killed. */
export async function emptyWorkFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await mkdir(path)
}
