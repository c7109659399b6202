import type { CaseCommand } from '../../../../core/case/command.ts'
import type { CaseCommandKind } from '../../../../core/case/words.ts'
import type { CaseDetail } from '../api/types.ts'
import { zonedTime } from '../time/zoned.ts'

/** What is typed into the form of a move. One shape for all kinds: nothing is lost on the way between them. */
export interface MoveDraft {
  readonly words: string
  readonly department: string | null
  readonly assist: readonly string[]
  readonly answer: boolean | null
  /** `YYYY-MM-DD HH:mm` in the city's zone. */
  readonly until: string | null
  readonly timezone: string
  readonly attachments: readonly string[]
}

export const EMPTY_DRAFT: MoveDraft = {
  words: '',
  department: null,
  assist: [],
  answer: null,
  until: null,
  timezone: 'UTC',
  attachments: [],
}

interface Asks {
  readonly words: 'note' | 'reason' | null
  readonly optional?: boolean
  readonly department?: boolean
  readonly answer?: boolean
  readonly until?: boolean
  readonly photos?: 'needed' | 'allowed'
}

const ASKS: Readonly<Record<CaseCommandKind, Asks>> = {
  dispatch: { words: null, department: true },
  accept: { words: null },
  report: { words: 'note', photos: 'needed' },
  verify: { words: 'note', answer: true, photos: 'allowed' },
  close: { words: 'reason' },
  return: { words: 'reason' },
  extend: { words: 'reason', until: true, photos: 'allowed' },
  decide: { words: 'reason', answer: true },
  suspend: { words: 'reason', until: true },
  resume: { words: 'reason', optional: true },
  void: { words: 'reason' },
  reopen: { words: 'reason' },
}

/** A picture that the server will ask for: the stamped application, or the verifier's own newer photo. */
export type PhotoNeed = 'application' | 'photo' | null

/** `draft.attachments` are checked as `core/case/closing.ts` does; the server has the last word. */
export function photoNeed(
  kind: CaseCommandKind,
  draft: Pick<MoveDraft, 'attachments'>,
  detail: Pick<CaseDetail, 'log' | 'attachments' | 'recheck' | 'extensionCount'>,
  reader: string,
): PhotoNeed {
  if (kind === 'extend') return detail.extensionCount > 0 ? 'application' : null
  if (kind !== 'verify' || detail.recheck?.result === 'not_seen') return null
  const report = detail.log.findLast((entry) => entry.kind === 'report')
  const isProof = ({ id, by, at }: CaseDetail['attachments'][number]) =>
    draft.attachments.includes(id) && by === reader && (!report || at > report.at)
  return detail.attachments.some(isProof) ? null : 'photo'
}

export const asksFor = (kind: CaseCommandKind): Asks => ASKS[kind]

/** What is still missing, as a word of the dictionary; null: it can be sent. */
export function missing(
  kind: CaseCommandKind,
  draft: MoveDraft,
  needs: PhotoNeed = null,
): 'department' | 'answer' | 'until' | 'words' | 'photos' | 'proof' | 'application' | null {
  const asks = ASKS[kind]
  if (asks.department && !draft.department) return 'department'
  if (asks.answer && draft.answer === null) return 'answer'
  if (asks.until && !untilIso(draft)) return 'until'
  if (asks.words && !asks.optional && draft.words.trim() === '') return 'words'
  if (asks.photos === 'needed' && draft.attachments.length === 0) return 'photos'
  if (needs === 'application' && draft.attachments.length === 0) return 'application'
  if (needs === 'photo' && draft.answer === true) return 'proof'
  return null
}

const untilIso = (draft: MoveDraft): string | null =>
  draft.until ? zonedTime(draft.until, draft.timezone) : null

/** The command of a complete draft; throws when something is missing (`missing` says what). */
export function buildCommand(kind: CaseCommandKind, version: number, draft: MoveDraft): CaseCommand {
  const gap = missing(kind, draft)
  if (gap) throw new Error(`the move ${kind} lacks ${gap}`)
  const words = draft.words.trim()
  const until = untilIso(draft) ?? ''
  const granted = draft.answer === true
  const attachments = [...draft.attachments]
  switch (kind) {
    case 'dispatch':
      return { kind, version, department: draft.department ?? '', assist: [...draft.assist] }
    case 'accept':
      return { kind, version }
    case 'report':
      return { kind, version, note: words, attachments }
    case 'verify':
      return { kind, version, passed: granted, note: words, attachments }
    case 'decide':
      return { kind, version, granted, reason: words }
    case 'extend':
      return { kind, version, reason: words, until, attachments }
    case 'suspend':
      return { kind, version, reason: words, until }
    case 'resume':
      return { kind, version, ...(words ? { reason: words } : {}) }
    case 'close':
    case 'return':
    case 'void':
    case 'reopen':
      return { kind, version, reason: words }
  }
}
