import { createAuditLog } from '../../alerts/audit/log.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import { atMostEvery, down, type HealthSource, poor, source, well } from './part.ts'

const EVERY_MS = 10_000
const CHECK_MS = 36 * 3_600_000

/** Whether the log is the one that was signed. */
export const auditHealth = (database: Database, clock: Clock): HealthSource =>
  atMostEvery(
    EVERY_MS,
    source('audit', async () => {
      const { state, size, pos, findings, checkedAt, checkpoint } = await createAuditLog({
        database,
        verifier: null,
      }).head()
      const facts = { size, pos, findings: findings.length }
      const [first] = findings
      if (state === 'broken' && first)
        return [
          down(
            'audit',
            'broken',
            `${first.detail}; ${findings.length} findings: the page "Audit" has them`,
            facts,
          ),
        ]
      if (state === 'behind')
        return [poor('audit', 'behind', `${size} of ${pos} entries are in the audit tree`, facts)]
      if (checkedAt === null || clock.now() - checkedAt.getTime() > CHECK_MS)
        return [poor('audit', 'unchecked', 'the audit tree was not checked within 36 hours', facts)]
      const last = checkpoint === null ? 'no checkpoint yet' : `checkpoint of ${checkpoint.size} outside`
      return [well('audit', `${size} entries, whole; ${last}`, facts)]
    }),
    clock,
  )
