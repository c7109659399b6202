import { useQuery } from '@tanstack/react-query'
import { Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { configuredCamerasQuery } from '../api/camera-setup.ts'
import { ListState } from '../parts/ListState.tsx'
import { Pages } from '../parts/Pages.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { CameraRow } from './CameraRow.tsx'
import { matchingCameras } from './match.ts'
import { RemovedList } from './RemovedList.tsx'

const HEADS = ['camera', 'purpose', 'url', 'managed', 'version', 'actions'] as const

/** All cameras as they are configured: where from, who manages them, and what was taken out. */
export function CameraAdminPage() {
  const { t } = useTranslation()
  usePageTitle(t('cameraAdmin.title'))
  const admin = hasRole(useSession(), 'admin')
  const query = useQuery(configuredCamerasQuery)
  const [search, setSearch] = useState('')
  const all = query.data?.items ?? []
  const found = matchingCameras(all, search)
  return (
    <div className="page camera-admin">
      <header className="page-head">
        <h1>{t('cameraAdmin.title')}</h1>
        <Link to="/cameras">‹ {t('nav.live')}</Link>
        {admin ? <Link to="/cameras/new">{t('cameraNew.title')}</Link> : null}
        {admin ? <Link to="/cameras/import">{t('cameraImport.title')}</Link> : null}
      </header>
      <div className="action-row">
        <Input
          allowClear
          className="filter-search camera-search"
          maxLength={100}
          value={search}
          aria-label={t('cameraAdmin.search')}
          placeholder={t('cameraAdmin.search')}
          onChange={({ target }) => setSearch(target.value)}
        />
        <span className="caption num" role="status">
          {query.data ? t('cameraAdmin.count', { n: found.length, all: all.length }) : null}
        </span>
      </div>
      <ListState
        query={query}
        what={t('cameraAdmin.title')}
        empty={found.length === 0}
        emptyText={<p>{t(all.length === 0 ? 'cameraAdmin.none' : 'cameraAdmin.noMatch')}</p>}
      >
        <Pages items={found} label={t('cameraAdmin.title')}>
          {(page) => (
            <div className="table-scroll">
              <table className="case-table camera-table card-lines">
                <caption className="sr-only">{t('cameraAdmin.title')}</caption>
                <thead>
                  <tr>
                    {HEADS.map((name) => (
                      <th key={name} scope="col">
                        {t(`cameraAdmin.head.${name}`)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {page.map((item) => (
                    <CameraRow key={item.id} item={item} admin={admin} columns={HEADS.length} />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Pages>
      </ListState>
      <RemovedList admin={admin} />
    </div>
  )
}
