import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { WorkingHours } from '../../../../core/api/clocks.ts'
import { createCalendar, createSchedule, type WorkSchedule } from '../../../../core/case/working-time.ts'
import { workingHoursQuery } from '../api/clocks.ts'

export function toSchedule({ timezone, hours, holidays, makeUpDays, years }: WorkingHours): WorkSchedule {
  const calendar = createCalendar({
    holidays: new Set(holidays),
    makeUpDays: new Set(makeUpDays),
    years: new Set(years),
  })
  return createSchedule({ timezone, hours, calendar })
}

/** The city's working hours; null until they are read. */
export function useSchedule(): WorkSchedule | null {
  const { data } = useQuery(workingHoursQuery)
  return useMemo(() => (data ? toSchedule(data) : null), [data])
}
