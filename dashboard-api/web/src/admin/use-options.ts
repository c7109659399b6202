import { useQuery } from '@tanstack/react-query'
import { camerasQuery, departmentsQuery } from '../api/cameras.ts'
import { useLabel } from '../words/language.ts'

interface Option {
  readonly value: string
  readonly label: string
}

export function useDepartmentOptions(): Option[] {
  const label = useLabel()
  return (useQuery(departmentsQuery).data?.items ?? []).map(({ id, name }) => ({
    value: id,
    label: `${label(name)} (${id})`,
  }))
}

export function useCameraOptions(): Option[] {
  const label = useLabel()
  return (useQuery(camerasQuery).data?.items ?? []).map(({ id, name }) => ({
    value: id,
    label: `${label(name)} (${id})`,
  }))
}
