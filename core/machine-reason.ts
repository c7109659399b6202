import type { ActorKind } from './actor.ts'
import { createSentences } from './sentences.ts'
import type { Told } from './told.ts'

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

/** Whose entry has the reason: of a kind of actor, or the look of a person, by what was opened. */
export type ReasonOf = ActorKind | `look.${string}`

/** In whose entries the program gives each. */
const GIVEN_IN: Readonly<Record<keyof typeof MACHINE_REASONS, ReasonOf>> = {
  review_date: 'machine',
  at_start: 'machine',
  first_login: 'machine',
  apply: 'command_line',
  kept: 'look.still',
  recording_from: 'look.recording',
  dry_run: 'look.recording',
  attachment: 'look.attachment',
}

/** The program's own reason in an entry of `of`; null: a person's words, also where they are the program's by chance. */
export function readMachineReason(reason: string, of: ReasonOf): Told | null {
  const told = machineReasons.read(reason)
  return told && GIVEN_IN[told.code as keyof typeof MACHINE_REASONS] === of ? told : null
}
