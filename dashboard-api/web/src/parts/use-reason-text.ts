import { useCallback } from 'react'
import { machineReasons } from '../../../../core/machine-reason.ts'
import { useTold } from './told.ts'

/** As `ReasonText`, where the reason stands inside a sentence. */
export function useReasonText(): (reason: string) => string {
  const worded = useTold()
  return useCallback(
    (reason: string) => {
      const told = machineReasons.read(reason)
      return (told && worded('told.reason', told)) ?? reason
    },
    [worded],
  )
}
