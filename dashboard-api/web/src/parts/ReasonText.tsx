import type { ReasonOf } from '../../../../core/machine-reason.ts'
import { useReasonText } from './use-reason-text.ts'

/** A reason as a person wrote it, or, where the program gave it, in the reader's language. `of`: whose entry it is in. */
export function ReasonText({ reason, of }: { readonly reason: string; readonly of: ReasonOf }) {
  return useReasonText()(reason, of)
}
