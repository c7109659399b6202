import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HoldItem } from '../../../../core/api/holds.ts'
import type { Owner } from '../api/evidence.ts'
import { Moment } from '../time/Moment.tsx'
import { HoldForm } from './HoldForm.tsx'

interface Props {
  readonly owner: Owner
  readonly holds: readonly HoldItem[]
  readonly keeper: boolean
  readonly offline: boolean
}

/** Every hold of a case, alert or kept recording with who and why; a released one with its release. */
export function HoldList({ owner, holds, keeper, offline }: Props) {
  const { t } = useTranslation()
  const [releasing, setReleasing] = useState<string | null>(null)
  if (holds.length === 0) return <p className="caption">{t('evidence.noHold')}</p>
  return (
    <ul className="holds">
      {holds.map((hold) => (
        <li key={hold.id} data-released={hold.releasedAt !== null}>
          <span className="break">
            <strong>{hold.reason}</strong>{' '}
            <span className="caption">
              {hold.by} · <Moment at={hold.at} />
            </span>
          </span>
          {hold.releasedAt !== null ? (
            <span className="caption break">
              {t('evidence.released', { by: hold.releasedBy, reason: hold.releaseReason })}{' '}
              <Moment at={hold.releasedAt} />
            </span>
          ) : keeper ? (
            <span className="no-print">
              <Button
                size="small"
                disabled={offline}
                aria-expanded={releasing === hold.id}
                onClick={() => setReleasing(releasing === hold.id ? null : hold.id)}
              >
                {t('evidence.release')}
              </Button>
            </span>
          ) : null}
          {releasing === hold.id && hold.releasedAt === null ? (
            <HoldForm owner={owner} release={hold.id} onClose={() => setReleasing(null)} />
          ) : null}
        </li>
      ))}
    </ul>
  )
}
