import type { BusConsumer } from '../../adapters/kafka/consumer.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { OpenEvidence } from '../evidence.ts'
import type { Bus } from '../roles/bus.ts'
import { alertingHealth, coverageHealth, historyHealth, sensorsHealth, workersHealth } from './alerting.ts'
import { auditHealth } from './audit.ts'
import { consumerHealth, kafkaHealth, publisherHealth } from './bus.ts'
import { databaseHealth, evidenceHealth } from './machine.ts'
import type { HealthSource } from './part.ts'
import { workDaysHealth } from './work-days.ts'

/** What every process with the database can tell of the whole site. */
export const siteHealth = ({
  database,
  evidence,
  clock,
}: {
  readonly database: Database
  readonly evidence: OpenEvidence
  readonly clock: Clock
}): readonly HealthSource[] => [
  databaseHealth(database),
  alertingHealth(database),
  workersHealth(database),
  coverageHealth(database),
  sensorsHealth(database),
  historyHealth(database, clock),
  workDaysHealth(database, clock),
  evidenceHealth(evidence, clock),
  auditHealth(database, clock),
]

/** Nothing where no bus is configured. */
export const busHealth = ({
  bus,
  consumer,
  database,
  clock,
}: {
  readonly bus: Bus | null
  readonly consumer: BusConsumer | null
  readonly database: Database
  readonly clock: Clock
}): readonly HealthSource[] =>
  bus ? [kafkaHealth(bus.producer, clock), consumerHealth(consumer), publisherHealth(database)] : []
