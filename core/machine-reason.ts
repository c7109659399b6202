import { createSentences } from './sentences.ts'

/** Reasons that the program itself gives, in logs, versions and looks; `{name}` is a fact. People give theirs in their own words. */
export const MACHINE_REASONS = {
  /** A parked case goes on. */
  review_date: 'review date',
  /** Of versions: what `start` was given or had. Rows of every release hold this word. */
  at_start: 'start',
  first_login: 'first log-in',
  apply: 'apply -f {file}',
  /** Of looks. */
  kept: 'kept as evidence',
  recording_from: 'from {at}',
  dry_run: 'dry run {id}, from {at}',
  attachment: 'attachment {id}',
} as const

export const machineReasons = createSentences(MACHINE_REASONS)
