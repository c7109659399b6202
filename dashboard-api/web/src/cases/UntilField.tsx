import { DatePicker } from 'antd'
import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'
import { useTranslation } from 'react-i18next'
import { formatFull } from '../time/format.ts'
import { serverClock } from '../time/server-clock.ts'
import { zonedTime } from '../time/zoned.ts'
import { useLanguage } from '../words/language.ts'

interface Props {
  readonly timezone: string
  /** `YYYY-MM-DD HH:mm` in the city's zone; null: none. */
  readonly onChange: (until: string | null) => void
}

/** A time to come, on the city's clocks. */
export function UntilField({ timezone, onChange }: Props) {
  const { t } = useTranslation()
  const language = useLanguage()
  // antd takes the names of days and months from dayjs, not from its own locale.
  dayjs.locale(language === 'zh-CN' ? 'zh-cn' : 'en')
  const words = t('moveForm.until', { timezone })
  const now = formatFull(serverClock.now(), timezone).slice(0, 16)
  return (
    <DatePicker
      showTime={{ format: 'HH:mm' }}
      showNow={false}
      format={FORMAT}
      needConfirm={false}
      placeholder={words}
      aria-label={words}
      minDate={dayjs(now, FORMAT)}
      onChange={(value) => {
        const text = value ? value.format(FORMAT) : null
        onChange(text !== null && zonedTime(text, timezone) ? text : null)
      }}
    />
  )
}

const FORMAT = 'YYYY-MM-DD HH:mm'
