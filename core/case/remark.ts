import { z } from 'zod'
import type { Actor } from '../actor.ts'
import { invalidBy } from '../api/invalid.ts'
import { SharpEyesError } from '../errors.ts'
import type { EpochMs } from '../units.ts'
import type { RawInput } from './command.ts'
import { isUnstorable, noSuchCase, unstorable } from './decide.ts'
import type { CaseEvent } from './event.ts'
import { remarkRole, seesCase } from './rights.ts'
import type { CaseFacts } from './state.ts'

/** A remark 备注 adds to the log and moves nothing. `attachments`: ids uploaded to this case before. */
export const remarkSchema = z.strictObject({
  note: z.string().trim().min(1, 'a note is required').max(4000),
  attachments: z.array(z.uuid()).max(20).default([]),
})
export type Remark = z.infer<typeof remarkSchema>

/**
 * The log entry of a remark. Operators, officers of the case's departments and verifiers may write one in any state:
 * what was seen stays true when somebody else was faster. Throws `not_found`, `forbidden`, `invalid`, in this order.
 */
export function remarkOn(
  facts: CaseFacts,
  input: Remark | RawInput,
  actor: Actor,
  now: EpochMs,
  attachments: Pick<ReadonlySet<string>, 'has'>,
): CaseEvent {
  if (!seesCase(actor, facts)) throw noSuchCase(facts.no)
  const role = remarkRole(facts, actor)
  if (role === null) {
    throw new SharpEyesError(
      'forbidden',
      `a remark on case ${facts.no} is for operators, verifiers and officers of its departments`,
    )
  }
  if (isUnstorable(input)) throw unstorable()
  const parsed = remarkSchema.safeParse(input)
  if (!parsed.success) throw invalidBy(parsed.error, 'remark')
  const unknown = parsed.data.attachments.find((id) => !attachments.has(id))
  if (unknown !== undefined) {
    throw new SharpEyesError(
      'invalid',
      `attachments: ${unknown} was not uploaded to this case; upload it first`,
      { details: { why: 'not_uploaded' } },
    )
  }
  return {
    kind: 'remark',
    at: now,
    actor: { kind: actor.kind, name: actor.name, role },
    from: null,
    to: null,
    reason: null,
    data: parsed.data,
  }
}
