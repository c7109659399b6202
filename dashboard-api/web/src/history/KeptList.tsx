import { useQueries } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { type KeptRecording, keptClipUrl, keptManifestUrl, keptQuery } from '../api/recordings.ts'
import type { CameraItem } from '../api/types.ts'
import { KeptHolds } from '../holds/KeptHolds.tsx'
import { ToldText } from '../parts/ToldText.tsx'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'

interface Props {
  readonly cameras: readonly CameraItem[]
  readonly onSeek: (at: number) => void
}

/** Ranges of these cameras that were kept, with their clips. */
export function KeptList({ cameras, onSeek }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const found = useQueries({ queries: cameras.map((camera) => keptQuery(camera.id)) })
  const items = found
    .flatMap(({ data }) => data?.items ?? [])
    .sort((a, b) => b.keptAt.localeCompare(a.keptAt))
    .slice(0, 20)
  if (items.length === 0) return null
  const nameOf = (id: string) => {
    const camera = cameras.find((one) => one.id === id)
    return camera ? label(camera.name) : id
  }
  return (
    <section aria-label={t('history.kept')} aria-live="polite">
      <h2>{t('history.kept')}</h2>
      <ul className="kept-list">
        {items.map((kept) => (
          <li key={kept.id}>
            <Button size="small" onClick={() => onSeek(Date.parse(kept.from))}>
              {t('history.watch')}
            </Button>
            <span className="num">
              <Moment at={kept.from} full />
            </span>
            <strong>{nameOf(kept.camera)}</strong>
            <span className="break">{kept.reason}</span>
            {kept.caseNo ? <Link to={`/cases/${kept.caseNo}`}>{kept.caseNo}</Link> : null}
            <span className="caption">{kept.keptBy}</span>
            <Pieces kept={kept} />
            <a href={keptManifestUrl(kept.id)} target="_blank" rel="noreferrer">
              {t('history.manifest')}
            </a>
            <KeptHolds kept={kept} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Pieces({ kept }: { readonly kept: KeptRecording }) {
  const { t } = useTranslation()
  return (
    <div className="kept-pieces">
      {kept.pieces.map(({ piece, state, error, why, masked }) => {
        const n = kept.pieces.length > 1 ? ` ${piece}/${kept.pieces.length}` : ''
        if (state === 'waiting') return <span key={piece}>{t('history.clipWaiting') + n}</span>
        if (state === 'failed' || !masked)
          return (
            <div key={piece} className="failed">
              {t('history.clipFailed') + n}
              <ToldText area="told.picture" told={why} text={error} />
            </div>
          )
        if (masked.deleted) return <span key={piece}>{t('history.clipDeleted') + n}</span>
        return (
          <a key={piece} href={keptClipUrl(kept.id, piece)} target="_blank" rel="noreferrer">
            {t('history.clip') + n}
          </a>
        )
      })}
    </div>
  )
}
