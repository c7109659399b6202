import { Popover } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Health } from '../api/types.ts'
import { UnavailableText } from '../cameras/UnavailableText.tsx'
import { useComma } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { PartText } from './PartText.tsx'
import type { unavailableTypes } from './unavailable.ts'

export interface HealthPopoverProps extends FactsProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly title: string
}

/** Under the badge: what does not work, what cannot be found, and what is well. */
export function HealthPopover({ open, onOpenChange, title, ...facts }: HealthPopoverProps) {
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      content={<HealthFacts {...facts} />}
    >
      <span className="popup-anchor" />
    </Popover>
  )
}

interface FactsProps {
  readonly parts: Health['parts']
  readonly missing: ReturnType<typeof unavailableTypes>
  readonly version: string | null
}

function HealthFacts({ parts, missing, version }: FactsProps) {
  const { t, i18n } = useTranslation()
  const comma = useComma()
  const typeName = useTypeName()
  const name = (part: string) => (i18n.exists(`part.${part}`) ? t(`part.${part}`) : part)
  const bad = parts.filter((part) => part.status !== 'ok')
  return (
    <div className="health-facts">
      <ul>
        {bad.map((part) => (
          <li key={`${part.name}-${part.detail}`}>
            <strong>{name(part.name)}</strong>{' '}
            {part.status === 'not_built' ? null : t(`partStatus.${part.status}`)}
            <PartText part={part} />
          </li>
        ))}
        {missing.map(({ type, reason, cameras }) => (
          <li key={type}>
            <strong>{typeName(type)}</strong> {t('rules.unavailable')} ·{' '}
            {t('health.onCameras', { n: cameras })}
            <div className="caption">
              <UnavailableText type={type} given={reason} />
            </div>
          </li>
        ))}
      </ul>
      <p className="caption">
        {t('health.okParts', {
          names:
            parts
              .filter((part) => part.status === 'ok')
              .map((part) => name(part.name))
              .join(comma) || '—',
        })}
      </p>
      <Link to="/health">{t('healthDesk.title')}</Link>
      {version ? <p className="caption num">Sharp Eyes {version}</p> : null}
    </div>
  )
}
