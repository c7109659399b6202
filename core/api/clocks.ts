import { z } from 'zod'

const day = z.iso.date()

/** What a page needs to tell working time: `GET /api/working-hours`. */
export const workingHoursShape = z.object({
  timezone: z.string(),
  /** `09:00-12:00`, in order, the same on every work day. */
  hours: z.array(z.string()),
  /** Free days, and weekend days that are worked, of the years below. */
  holidays: z.array(day),
  makeUpDays: z.array(day),
  /** Years whose holidays are known. */
  years: z.array(z.int()),
})
export type WorkingHours = z.infer<typeof workingHoursShape>
