import { useReasonText } from './use-reason-text.ts'

/** A reason as a person wrote it, or, where the program gave it, in the reader's language. */
export function ReasonText({ reason }: { readonly reason: string }) {
  return useReasonText()(reason)
}
