import { useCallback } from 'react'
import { type ReasonOf, readMachineReason } from '../../../../core/machine-reason.ts'
import { useTold } from './told.ts'

/** As `ReasonText`, where the reason stands inside a sentence. */
export function useReasonText(): (reason: string, of: ReasonOf) => string {
  const worded = useTold()
  return useCallback(
    (reason: string, of: ReasonOf) => {
      const told = readMachineReason(reason, of)
      return (told && worded('told.reason', told)) ?? reason
    },
    [worded],
  )
}
