import { useTranslation } from 'react-i18next'
import type { CameraItem } from '../api/types.ts'
import { useTypeName } from '../words/names.ts'
import { UnavailableText } from './UnavailableText.tsx'

/** What this camera looks for, and which of it cannot be found now, with the reason: never silently quiet. */
export function CameraRules({ rules }: { readonly rules: CameraItem['rules'] }) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  if (rules.length === 0) return <p className="caption">{t('cameras.noRules')}</p>
  return (
    <ul className="rule-list">
      {rules.map((rule) => (
        <li key={rule.id}>
          <strong>{typeName(rule.type)}</strong>{' '}
          <span className="caption">
            {rule.id} · {rule.zone ?? t('cause.wholePicture')}
          </span>
          {!rule.enabled ? (
            <div>
              <span className="tag">{t('rules.disabled')}</span>
            </div>
          ) : rule.unavailable ? (
            <div className="unavailable">
              <UnavailableText type={rule.type} given={rule.unavailable} lead={t('rules.unavailable')} />
            </div>
          ) : null}
        </li>
      ))}
    </ul>
  )
}
