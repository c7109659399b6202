import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { departmentsQuery } from '../api/cameras.ts'
import { useLabel } from '../words/language.ts'

/** Name of a department by its id; the id itself until the list is read, or when it is not on it. */
export function useDepartmentName(): (id: string) => string {
  const { data } = useQuery(departmentsQuery)
  const label = useLabel()
  return useCallback(
    (id: string) => {
      const found = data?.items.find((department) => department.id === id)
      return found ? label(found.name) : id
    },
    [data, label],
  )
}
