import { machineReasons } from '../../../../core/machine-reason.ts'
import { useTold } from './told.ts'

/** A reason as a person wrote it, or, where the program gave it, in the reader's language. */
export function ReasonText({ reason }: { readonly reason: string }) {
  const worded = useTold()
  const told = machineReasons.read(reason)
  return (told && worded('told.reason', told)) ?? reason
}
