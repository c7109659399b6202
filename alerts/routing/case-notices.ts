import type { CaseEvent } from '../../core/case/event.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import type { CaseNotice } from './notify.ts'

/**
 * What departments are told of a move. Filing tells lead and assisting departments (step `filed` of the dispatch that
 * comes with it, `dispatched:<version>` of a later one); rework, an answered request and the end of a case that was
 * taken away tell the lead. Everything else is on their screens only: one message per step, none for noise.
 */
export function noticesOf(
  before: CaseFacts | null,
  after: CaseFacts,
  events: readonly CaseEvent[],
): readonly CaseNotice[] {
  return events.flatMap((event): readonly CaseNotice[] => {
    const { at } = event
    const lead = before?.lead ? [before.lead] : []
    switch (event.kind) {
      case 'dispatch': {
        const departments = [event.data.lead, ...event.data.assist]
        return before === null
          ? [{ step: 'filed', type: 'case.filed', departments, at }]
          : [{ step: `dispatched:${after.version}`, type: 'case.dispatched', departments, at }]
      }
      case 'rework':
        return [
          {
            step: `rework:${event.data.count}`,
            type: 'case.rework',
            departments: lead,
            at,
            more: { reworkCount: event.data.count },
          },
        ]
      case 'decide':
        return [
          {
            step: `decided:${after.version}`,
            type: 'case.decided',
            departments: lead,
            at,
            more: { asked: event.data.asked, granted: event.data.granted, reason: event.reason },
          },
        ]
      case 'void': {
        const departments = before?.lead ? [before.lead, ...before.assist] : []
        return [
          {
            step: `voided:${after.version}`,
            type: 'case.voided',
            departments,
            at,
            more: { reason: event.reason },
          },
        ]
      }
      default:
        return []
    }
  })
}
