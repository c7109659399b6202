import type { TFunction } from 'i18next'

/** Who made a version. The machine does so only at a start; every other word is the name of an account, however machine-like. */
export const authorName = (t: TFunction, actor: string): string =>
  actor === 'start' ? t('machine.start') : actor
