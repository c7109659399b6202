/** Machine state of an alert. `pending`: its hold time is running; `resolved`: the hazard is no longer seen. */
export const ALERT_STATES = ['pending', 'firing', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]

/** A person's judgement. It belongs to the alert and does not change its machine state. */
export const VERDICTS = ['confirmed', 'rejected'] as const
export type Verdict = (typeof VERDICTS)[number]

/** Reasons of a rejection offered on screen under the keys 1–6; the API takes any text. */
export const REJECT_REASONS = [
  'light_or_weather',
  'wrong_object',
  'permitted_work',
  'duplicate',
  'cannot_tell',
  'other',
] as const

/** For so long the one who gave a verdict can undo it; nothing that it sends leaves before. */
export const UNDO_MS = 10_000
/** An alert is muted for at most a day: longer is a rule to change, not an alert to put off. */
export const MAX_MUTE_MS = 24 * 3_600_000
