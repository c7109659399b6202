import type { i18n, TFunction } from 'i18next'

/** The API takes any text as a reason; the six of the screen are told in the reader's language. */
export const rejectText = (t: TFunction, words: Pick<i18n, 'exists'>, reason: string): string =>
  words.exists(`reject.${reason}`) ? t(`reject.${reason}`) : reason

/** Ends that are always worded alike: of the judgement of sensors (core/sensors/limit.ts, alerts/sensors) and of workers. */
const ENDS: Readonly<Record<string, string>> = {
  'back within the limit': 'cleared',
  'no readings any more': 'silent',
  'the limit was changed': 'limitChanged',
  'judged by another series of the device': 'otherSeries',
  'the sensor left the configuration': 'left',
  'the sensor is heard again': 'heard',
  'withdrawn: data marked invalid': 'marked',
  'withdrawn: readings that came late say otherwise': 'late',
  'frames come again': 'frames',
  'its rule is no longer configured': 'ruleGone',
  'the camera left the configuration': 'cameraGone',
  'what was left is gone': 'taken',
  'no longer seen': 'unseen',
}

/** Why an alert ended: rules write "not seen for 5 s: …". Null: another reason, in the worker's own words. */
export function endText(t: TFunction, reason: string): string | null {
  if (Object.hasOwn(ENDS, reason)) return t(`endReason.${ENDS[reason]}`)
  const seconds = /^not seen for (\d+) s\b/.exec(reason)?.[1]
  return seconds === undefined ? null : t('timeline.notSeen', { seconds })
}
