import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { readNoSight } from '../../../../core/unavailable.ts'
import type { CameraItem } from '../api/types.ts'
import { typeFacts, useTypeName } from '../words/names.ts'

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
            <div className="unavailable" title={rule.unavailable}>
              {t('rules.unavailable')} · {reasonText(rule.type, rule.unavailable, t)}
            </div>
          ) : null}
        </li>
      ))}
    </ul>
  )
}

/** In the reader's language from what the type needs; the worker's own words where there is no such reason. */
export function reasonText(type: string, given: string, t: TFunction): string {
  const needs = typeFacts(type)?.needs
  switch (needs?.kind) {
    case 'labels':
      return modelReason(needs.anyOf.join(' / '), given, t)
    case 'not_built':
      return t('rules.notBuilt')
    case 'sensor':
      return t('rules.needsSensor')
    default:
      return given
  }
}

function modelReason(labels: string, given: string, t: TFunction): string {
  const sight = readNoSight(given)
  switch (sight?.kind) {
    case 'none':
      return t('rules.needsModel', { labels })
    case 'no_class':
      return t('rules.noClass', { labels, model: sight.model })
    case 'refused':
      return t('rules.modelRefused', { model: sight.model, why: sight.why })
    case 'unused':
      return t('rules.classUnused', { labels: sight.labels, model: sight.model, why: sight.why })
    default:
      return given
  }
}
