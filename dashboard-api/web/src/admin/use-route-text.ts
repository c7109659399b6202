import { useTranslation } from 'react-i18next'
import type { Body } from './body.ts'
import { recordOf } from './body.ts'
import { useValueText } from './use-value-text.ts'

const KEYS = ['type', 'purpose', 'severity', 'camera', 'grid'] as const

/** A route in two lines: what it matches, and to whom that goes. */
export function useRouteText() {
  const { t } = useTranslation()
  const text = useValueText()
  return {
    condition(body: Body): string {
      const when = recordOf(body.when)
      const parts = KEYS.flatMap((key) =>
        when[key] === undefined ? [] : [`${t(`admin.field.when_${key}`)} ${text(`when.${key}`, when[key])}`],
      )
      return parts.length === 0 ? t('admin.route.everything') : parts.join(t('admin.route.and'))
    },
    target(body: Body): string {
      const assist = Array.isArray(body.assist) && body.assist.length > 0
      return [
        t('admin.route.lead', { name: text('lead', body.lead) }),
        ...(assist ? [t('admin.route.assist', { name: text('assist', body.assist) })] : []),
      ].join(' · ')
    },
  }
}
