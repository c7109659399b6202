import type { Actor } from '../actor.ts'
import { invalidBy } from '../api/invalid.ts'
import { SharpEyesError } from '../errors.ts'
import { limitsOf, type StoredRoute } from '../route.ts'
import type { EpochMs } from '../units.ts'
import { type FileCase, fileCaseSchema, type RawInput } from './command.ts'
import { decide, isUnstorable, mayFile, unstorable } from './decide.ts'
import type { CaseEvent, CaseEventOf } from './event.ts'
import { evolve } from './evolve.ts'
import type { WorkSchedule } from './working-time.ts'

/** Rights, then content. Throws `forbidden` or `invalid`. */
export function checkFiling(input: FileCase | RawInput, actor: Actor): FileCase {
  if (!mayFile(actor)) throw new SharpEyesError('forbidden', 'filing a case is for operators only')
  if (isUnstorable(input)) throw unstorable()
  const [fromAlert, byHand] = fileCaseSchema.options
  const parsed = ('alertId' in input ? fromAlert : byHand).safeParse(input)
  if (parsed.success) return parsed.data
  const shape = 'alertId' in input ? '{alertId, note?}' : '{type, place, note, severity?, camera?}'
  const { message, details } = invalidBy(parsed.error, 'case')
  throw new SharpEyesError('invalid', `a case is filed with ${shape}: ${message}`, { details })
}

/** What a case is filed about, as known at filing. */
export type CaseMatter = Omit<CaseEventOf<'file'>['data'], 'no' | 'limits'>

/** The first entries of a log: the filing, and the dispatch when a route matches. Two entries, two moves. */
export function openCase(
  no: string,
  matter: CaseMatter,
  matched: StoredRoute | null,
  { departments, schedule }: { readonly departments: ReadonlySet<string>; readonly schedule: WorkSchedule },
  actor: Actor,
  now: EpochMs,
): readonly CaseEvent[] {
  const filing: CaseEvent = {
    kind: 'file',
    at: now,
    actor: { kind: actor.kind, name: actor.name, role: actor.kind === 'person' ? 'operator' : null },
    from: null,
    to: 'pending_dispatch',
    reason: null,
    data: { ...matter, no, limits: limitsOf(matched?.route ?? null) },
  }
  if (!matched) return [filing]
  const facts = evolve(null, filing)
  const { lead, assist } = matched.route
  const dispatch = decide(
    facts,
    { kind: 'dispatch', version: facts.version, department: lead, assist: [...assist] },
    { kind: 'machine', name: 'route' },
    now,
    { departments, attachments: new Map(), recheck: null, schedule, route: matched.id },
  )
  // A route whose department was removed cannot dispatch: the case waits for an operator instead.
  return dispatch.kind === 'accepted' ? [filing, ...dispatch.events] : [filing]
}
