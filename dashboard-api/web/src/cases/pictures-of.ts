import { stillUrl } from '../api/alerts.ts'
import { attachmentUrl } from '../api/cases.ts'
import type { CaseDetail } from '../api/types.ts'

/** One side of a comparison. */
export interface ComparedPicture {
  readonly url: string
  readonly at: string
  /** Who took it; null: the camera. */
  readonly by: string | null
}

type Detail = Pick<CaseDetail, 'no' | 'alert' | 'attachments' | 'log'>

/**
 * Before: the still of the alert, else the first photo of the case. After: the first photo of the last report. Null for
 * a side that has no picture; the same photo is never both.
 */
export function comparedPictures(detail: Detail): {
  readonly before: ComparedPicture | null
  readonly after: ComparedPicture | null
} {
  const report = detail.log.findLast((entry) => entry.kind === 'report')
  const named = Array.isArray(report?.data.attachments) ? (report.data.attachments as unknown[]) : []
  const after = detail.attachments.find(({ id }) => named.includes(id)) ?? null
  const first = detail.attachments.find(({ id }) => id !== after?.id) ?? null
  const photo = (file: CaseDetail['attachments'][number] | null): ComparedPicture | null =>
    file && { url: attachmentUrl(detail.no, file.id), at: file.at, by: file.by }
  const { alert } = detail
  const still: ComparedPicture | null =
    alert?.still === 'ready' ? { url: stillUrl(alert.id, 'full'), at: alert.startedAt, by: null } : null
  // A photo of the department that came after its report is no "before".
  const early = first && (!report || first.at < report.at) ? first : null
  return { before: still ?? photo(early), after: photo(after) }
}
