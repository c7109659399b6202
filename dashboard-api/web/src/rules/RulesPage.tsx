import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { camerasQuery } from '../api/cameras.ts'
import { cameraRulesQuery } from '../api/rules.ts'
import { ListState } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { useLabel } from '../words/language.ts'
import { RulesDesk } from './RulesDesk.tsx'

/** Rules and zones of one camera on its picture. */
export function RulesPage() {
  const { t } = useTranslation()
  const label = useLabel()
  const { id = '' } = useParams()
  const cameras = useQuery(camerasQuery)
  const rules = useQuery(cameraRulesQuery(id))
  const camera = cameras.data?.items.find((each) => each.id === id) ?? null
  const name = camera ? label(camera.name) : id
  usePageTitle(`${t('ruleDesk.title')} ${name}`)
  return (
    <div className="page rules-page">
      <header className="page-head">
        <h1 className="break">
          {t('ruleDesk.title')} <span className="head-place">{name}</span>
        </h1>
        <Link to={`/cameras/${encodeURIComponent(id)}`}>‹ {t('ruleDesk.toCamera')}</Link>
      </header>
      <ListState
        query={rules.isPending ? rules : cameras.isPending ? cameras : rules}
        what={t('ruleDesk.title')}
        empty={!rules.data || !camera}
        emptyText={<p>{t('cameras.unknown', { id })}</p>}
      >
        {rules.data && camera ? (
          <RulesDesk key={id} camera={camera} cameras={cameras.data?.items ?? []} item={rules.data} />
        ) : null}
      </ListState>
    </div>
  )
}
