import { canonicalChange } from '../../core/audit/leaf.ts'
import type { AuditCheckpoint, AuditLog } from '../../core/audit/log.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { PersonActor } from '../auth/people.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import { toCsv } from './csv.ts'
import { listAudit } from './list.ts'
import type { AuditSearch, auditRoutes } from './routes.ts'

const MAX_SHEET = 10_000
/** Further pages of one search are no new one. */
const SEARCH_MS = 10 * 60_000

export function auditHandlers(deps: {
  readonly database: Database
  readonly looks: Looks
  readonly clock: Clock
  readonly audit?: AuditLog
}): Handlers<typeof auditRoutes> {
  const { database, looks, clock } = deps
  const log = (): AuditLog => {
    if (!deps.audit) throw new SharpEyesError('not_ready', 'this server has no audit log to prove from')
    return deps.audit
  }
  const searchOf = (actor: PersonActor, search: AuditSearch) => ({
    ...{
      who: actor.name,
      what: 'audit' as const,
      object: 'audit',
      camera: null,
      purpose: 'audit',
      caseNo: null,
    },
    ...describe(search),
  })
  return {
    async audit({ query, actor }) {
      const look = searchOf(actor, query)
      // Committed before anything is answered: nobody searches unseen.
      await (query.cursor === undefined ? looks.write(look) : looks.writeOnceWithin(SEARCH_MS, look))
      const list = await listAudit(database, query, clock.now())
      return { ...list, items: [...list.items] }
    },
    async auditSheet({ response, query, actor }) {
      const look = searchOf(actor, query)
      await looks.write({ ...look, reason: ['csv', look.reason].filter(Boolean).join(' ') })
      const { items, next } = await listAudit(database, { ...query, limit: MAX_SHEET }, clock.now())
      if (next !== null)
        throw new SharpEyesError(
          'invalid',
          `more than ${MAX_SHEET} entries: narrow the search or the period`,
          {
            details: { why: 'many_entries', most: MAX_SHEET },
          },
        )
      response.setHeader('Content-Disposition', 'attachment; filename="audit.csv"')
      response.type('text/csv; charset=utf-8').send(toCsv(items))
    },
    async auditTree() {
      const { checkedAt, checkpoint, findings, ...head } = await log().head()
      return {
        ...head,
        findings: [...findings],
        checkedAt: checkedAt?.toISOString() ?? null,
        checkpoint: checkpoint && toShape(checkpoint),
        verifier: log().verifier,
      }
    },
    async auditProof({ query: { pos } }) {
      const checkpoint = await log().checkpoint(Number(pos))
      if (!checkpoint)
        throw new SharpEyesError(
          'not_found',
          `position ${pos}: no checkpoint has it yet; the next one is made within minutes`,
        )
      const [proof, change] = await Promise.all([log().inclusion(pos, checkpoint.size), log().change(pos)])
      return {
        ...proof,
        path: [...proof.path],
        entry: change && Buffer.from(canonicalChange(change)).toString(),
        checkpoint: toShape(checkpoint),
      }
    },
    async auditCheckpoints({ query: { before, limit } }) {
      const found = await log().checkpoints({ ...(before !== undefined && { before }), limit: limit + 1 })
      const items = found.slice(0, limit)
      return {
        items: items.map(toShape),
        next: found.length > limit ? String(items.at(-1)?.size ?? '') : null,
      }
    },
  }
}

const toShape = ({ at, ...checkpoint }: AuditCheckpoint) => ({ ...checkpoint, at: at.toISOString() })

/** What was searched for, as the entry of the search says it; nothing: everything. */
function describe({ who, object, action, from, to }: AuditSearch): { readonly reason?: string } {
  const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString())
  const parts = Object.entries({ who, object, action, from: time(from), to: time(to) }).flatMap(
    ([name, value]) => (value === undefined ? [] : [`${name}=${value}`]),
  )
  return parts.length > 0 ? { reason: parts.join(' ') } : {}
}
