import type { i18n, TFunction } from 'i18next'

/** The API takes any text as a reason; the six of the screen are told in the reader's language. */
export const rejectText = (t: TFunction, words: Pick<i18n, 'exists'>, reason: string): string =>
  words.exists(`reject.${reason}`) ? t(`reject.${reason}`) : reason
