import { useTranslation } from 'react-i18next'
import type { PictureAge } from '../cameras/picture-age.ts'
import { useSession } from '../session/session.ts'
import { formatSpan, formatTime } from '../time/format.ts'
import { useLanguage } from '../words/language.ts'

const WORDS = { none: 'live.noPicture', live: 'live.live', still: 'live.still', old: 'live.stalled' } as const

/** Capture time and age of the picture on screen. */
export function AgeBadge({
  age,
  capturedAt,
}: {
  readonly age: PictureAge
  readonly capturedAt: number | null
}) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const language = useLanguage()
  return (
    <div className="age-badge num" data-kind={age.kind}>
      {t(WORDS[age.kind])}
      {capturedAt === null ? null : ` · ${formatTime(capturedAt, timezone)}`}
      {age.kind === 'none'
        ? null
        : ` · ${age.ms < 1_000 ? t('live.now') : t('live.age', { span: formatSpan(age.ms, language) })}`}
    </div>
  )
}
