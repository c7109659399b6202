/**
 * The words of a case. A case begins at filing:
 *
 *   pending_dispatch ─dispatch→ pending_accept ─accept→ handling ─report→ pending_check ─verify(passed)→ pending_close ─close→ closed
 *                                    │                   │ ▲ ▲                │
 *                                    └──return──┐ return─┤ │ └─verify(failed)─┘ (返工: a log entry with a count)
 *                                               ▼        ▼ │decide(refused)
 *                                       return_requested ──┘ decide(granted) → pending_dispatch
 *   handling ─extend→ extension_requested ─decide→ handling      handling ─suspend→ suspended ─resume→ handling
 *   closed ─reopen→ pending_dispatch · every open state ─void→ voided ─reopen→ pending_dispatch
 *
 * A refused return goes back to where it came from (pending_accept or handling).
 */
export const CASE_STATES = [
  'pending_dispatch',
  'pending_accept',
  'handling',
  'return_requested',
  'extension_requested',
  'suspended',
  'pending_check',
  'pending_close',
  'closed',
  'voided',
] as const
export type CaseState = (typeof CASE_STATES)[number]

export const CASE_STATE_LABELS: Record<CaseState, { zh: string; en: string }> = {
  pending_dispatch: { zh: '待派遣', en: 'To dispatch' },
  pending_accept: { zh: '待签收', en: 'To accept' },
  handling: { zh: '处置中', en: 'In hand' },
  return_requested: { zh: '申请退回', en: 'Return requested' },
  extension_requested: { zh: '申请延期', en: 'Extension requested' },
  suspended: { zh: '挂账', en: 'Parked' },
  pending_check: { zh: '待核查', en: 'To verify' },
  pending_close: { zh: '待结案', en: 'To close' },
  closed: { zh: '已结案', en: 'Closed' },
  voided: { zh: '作废', en: 'Voided' },
}

export const CASE_COMMANDS = [
  'dispatch',
  'accept',
  'report',
  'verify',
  'close',
  'return',
  'extend',
  'decide',
  'suspend',
  'resume',
  'void',
  'reopen',
] as const
export type CaseCommandKind = (typeof CASE_COMMANDS)[number]

/** The clocks of a case; at most one runs. `review`: until a parked case is looked at again. */
export const CASE_CLOCKS = ['accept', 'handle', 'check', 'review'] as const
export type CaseClockKind = (typeof CASE_CLOCKS)[number]

/** What passes on a clock: the city's working hours, or all time. */
export const CLOCK_TIMES = ['working', 'calendar'] as const
export type ClockTime = (typeof CLOCK_TIMES)[number]
