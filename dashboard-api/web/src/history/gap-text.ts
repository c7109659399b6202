import type { TFunction } from 'i18next'
import type { Recordings } from '../api/recordings.ts'

/** Why nothing is recorded, in words. */
export const gapText = ({ cause, worker }: Recordings['gaps'][number], hours: number, t: TFunction): string =>
  t(`history.gap.${cause}`, { worker: worker ?? '', hours })
