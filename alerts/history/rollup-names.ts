import type { DayTable } from '../partitions/partitions.ts'

/** Rollups and the raw table that each is made of. */
export const ROLLUPS = ['event_days', 'reading_hours'] as const
export type Rollup = (typeof ROLLUPS)[number]

export const RAW_TABLE = { event_days: 'events', reading_hours: 'readings' } as const satisfies Record<
  Rollup,
  DayTable
>
export const ROLLUP_OF = { events: 'event_days', readings: 'reading_hours' } as const satisfies Record<
  DayTable,
  Rollup
>
