import type { i18n, TFunction } from 'i18next'

/** The API takes any text as a reason; the six of the screen are told in the reader's language. */
export const rejectText = (t: TFunction, words: Pick<i18n, 'exists'>, reason: string): string =>
  words.exists(`reject.${reason}`) ? t(`reject.${reason}`) : reason

/** How the judgement of sensors words its ends (core/sensors/limit.ts, alerts/sensors). */
const SENSOR_ENDS: Readonly<Record<string, string>> = {
  'back within the limit': 'cleared',
  'no readings any more': 'silent',
  'the limit was changed': 'limitChanged',
  'judged by another series of the device': 'otherSeries',
  'the sensor left the configuration': 'left',
  'the sensor is heard again': 'heard',
  'withdrawn: data marked invalid': 'marked',
  'withdrawn: readings that came late say otherwise': 'late',
}

/** Why an alert ended: rules write "not seen for 5 s: …"; whatever else is shown as it is. */
export function endText(t: TFunction, reason: string): string {
  if (Object.hasOwn(SENSOR_ENDS, reason)) return t(`endReason.${SENSOR_ENDS[reason]}`)
  const seconds = /^not seen for (\d+) s\b/.exec(reason)?.[1]
  return seconds === undefined ? reason : t('timeline.notSeen', { seconds })
}
