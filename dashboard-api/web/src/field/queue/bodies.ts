import type { AttachUpload } from '../../../../../core/api/field.ts'
import type { CaseCommand } from '../../../../../core/case/command.ts'
import type { Remark } from '../../../../../core/case/remark.ts'
import type { PhotoNeed } from '../../cases/move-draft.ts'
import type { Photo, Work } from '../store/types.ts'

/** A task's work as the command of the case. A finding that was not chosen is refused by the form before. */
export function commandBody(work: Work, attachments: readonly string[]): CaseCommand {
  const { kind, version, note } = work
  if (kind === 'accept') return { kind, version }
  if (kind === 'report') return { kind, version, note, attachments: [...attachments] }
  return { kind, version, passed: work.passed === true, note, attachments: [...attachments] }
}

export const remarkBody = (work: Work, attachments: readonly string[]): Remark => ({
  note: work.note,
  attachments: [...attachments],
})

export const attachBody = (photo: Photo): AttachUpload => ({
  name: photo.name,
  phase: photo.phase,
  capturedAt: photo.takenAt,
  place: photo.place,
})

/**
 * What is missing before it can be sent, as a word of the dictionary; null: nothing. `need` is of `photoNeed`: to pass,
 * the server asks for a photo of the verifier's own that is newer than the report, as every one taken here is.
 */
export function missingOf(
  work: Pick<Work, 'kind' | 'note' | 'passed'>,
  photos: number,
  need: PhotoNeed = null,
): 'passed' | 'photo' | 'proof' | 'note' | null {
  if (work.kind === 'accept') return null
  if (work.kind === 'verify' && work.passed === null) return 'passed'
  if (work.kind === 'report' && photos === 0) return 'photo'
  if (work.kind === 'verify' && work.passed && need === 'photo' && photos === 0) return 'proof'
  return work.note.trim() === '' ? 'note' : null
}
