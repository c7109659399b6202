import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { commandCase } from '../api/cases.ts'
import { type ApiError, toApiError } from '../api/problem.ts'
import type { CaseItem } from '../api/types.ts'

export interface BatchRow {
  readonly no: string
  /** Null: accepted. */
  readonly error: ApiError | null
}

/** Accepts one case after the other, each by its own command and version: what fails is told by its row, the rest goes on. */
export function useBatchAccept() {
  const client = useQueryClient()
  const [done, setDone] = useState<readonly BatchRow[]>([])
  const batch = useMutation({
    mutationFn: async (cases: readonly Pick<CaseItem, 'no' | 'version'>[]) => {
      setDone([])
      for (const { no, version } of cases) {
        let error: ApiError | null = null
        try {
          await commandCase(no, { kind: 'accept', version })
        } catch (thrown) {
          error = toApiError(thrown)
        }
        setDone((rows) => [...rows, { no, error }])
        if (error?.status === 401) return
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['cases'] }),
  })
  return { done, accept: batch.mutate, running: batch.isPending, clear: () => setDone([]) }
}
