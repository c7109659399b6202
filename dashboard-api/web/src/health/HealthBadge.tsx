import { useQuery } from '@tanstack/react-query'
import { Button, Popover } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { camerasQuery, healthQuery } from '../api/cameras.ts'
import type { Health } from '../api/types.ts'
import { reasonText } from '../cameras/CameraRules.tsx'
import { useTypeName } from '../words/names.ts'
import { unavailableTypes } from './unavailable.ts'

/** Names what does not work and what cannot be found: honest health on every page. */
export function HealthBadge() {
  const { t } = useTranslation()
  const health = useQuery(healthQuery)
  const cameras = useQuery(camerasQuery)
  if (!health.data && !health.error) return null
  const missing = unavailableTypes(cameras.data?.items ?? [])
  // What the analysis lacks is listed type by type.
  const parts = (health.data?.parts ?? []).filter((part) => part.name !== 'analysis' || missing.length === 0)
  const faults = parts.filter((part) => part.status === 'degraded' || part.status === 'down')
  const kind = health.error
    ? 'unknown'
    : faults.length > 0
      ? 'degraded'
      : missing.length > 0
        ? 'partial'
        : 'ok'
  const count = faults.length + missing.length
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t(`health.${kind}Title`)}
      content={<HealthFacts parts={parts} missing={missing} version={health.data?.version ?? null} />}
    >
      <Button size="small" type="text" className="health" data-kind={kind}>
        {t(`health.${kind}`)}
        {count > 0 ? <span className="num"> {count}</span> : null}
      </Button>
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
            <div className="caption break">{reasonText(type, reason, t)}</div>
          </li>
        ))}
      </ul>
      <p className="caption">
        {t('health.okParts', {
          names:
            parts
              .filter((part) => part.status === 'ok')
              .map((part) => name(part.name))
              .join('、') || '—',
        })}
      </p>
      <Link to="/health">{t('healthDesk.title')}</Link>
      {version ? <p className="caption num">Sharp Eyes {version}</p> : null}
    </div>
  )
}

/** What is the matter in the reader's language; the program's own words folded below, for the engineer. */
export function PartText({ part }: { readonly part: Health['parts'][number] }) {
  const { t, i18n } = useTranslation()
  const key = part.code === 'no_answer' ? 'health.noAnswer' : `healthText.${part.name}.${part.code}`
  if (!part.detail) return null
  if (!i18n.exists(key)) return <div className="caption break">{part.detail}</div>
  return (
    <>
      <div className="break">{t(key, part.facts ?? {})}</div>
      <details className="caption">
        <summary>{t('health.detail')}</summary>
        <div className="break">{part.detail}</div>
      </details>
    </>
  )
}
