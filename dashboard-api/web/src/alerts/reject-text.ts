import type { i18n, TFunction } from 'i18next'

/** The API takes any text as a reason; the six of the screen are told in the reader's language. */
export const rejectText = (t: TFunction, words: Pick<i18n, 'exists'>, reason: string): string =>
  words.exists(`reject.${reason}`) ? t(`reject.${reason}`) : reason

/** Why an alert ended: rules write "not seen for 5 s: …"; whatever else is shown as it is. */
export function endText(t: TFunction, reason: string): string {
  const seconds = /^not seen for (\d+) s\b/.exec(reason)?.[1]
  return seconds === undefined ? reason : t('timeline.notSeen', { seconds })
}
