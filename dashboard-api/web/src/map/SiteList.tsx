import { Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MapItem } from '../../../../core/api/map.ts'
import { itemKey, type Site } from '../../../../core/map/sites.ts'
import { ItemLine } from './ItemLine.tsx'

const STEP = 100

interface Props {
  readonly sites: readonly Site[]
  readonly nowhere: readonly MapItem[]
  readonly chosen: Site | null
  readonly onChoose: (key: string | null) => void
}

/** The same as on the map, in the same order. The chosen one shows everything that stands there. */
export function SiteList({ sites, nowhere, chosen, onChoose }: Props) {
  const { t } = useTranslation()
  const [most, setMost] = useState(STEP)
  const list = useRef<HTMLUListElement>(null)
  const chosenKey = chosen?.key
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice is another row
  useEffect(() => {
    list.current?.querySelector('[aria-expanded="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosenKey])
  const shown = sites.slice(0, most)
  // Chosen on the map or by a link: it is in the list wherever it stands.
  const rows = chosen && !shown.includes(chosen) ? [chosen, ...shown] : shown
  return (
    <>
      <ul className="site-list" ref={list}>
        {rows.map((site) => (
          <SiteRow
            key={site.key}
            site={site}
            open={site === chosen}
            onToggle={() => onChoose(site === chosen ? null : site.key)}
          />
        ))}
      </ul>
      {sites.length > most ? (
        <div className="more">
          <Button onClick={() => setMost(most + STEP)}>{t('map.more', { n: sites.length - most })}</Button>
        </div>
      ) : null}
      {nowhere.length > 0 ? (
        <details className="site-nowhere">
          <summary>{t('map.nowhere', { n: nowhere.length })}</summary>
          <p className="caption">{t('map.nowhereWhy')}</p>
          <ul>
            {nowhere.slice(0, STEP).map((item) => (
              <li key={itemKey(item)}>
                <ItemLine item={item} link />
              </li>
            ))}
          </ul>
          {nowhere.length > STEP ? (
            <p className="caption">{t('map.nowhereMore', { n: nowhere.length - STEP })}</p>
          ) : null}
        </details>
      ) : null}
    </>
  )
}

function SiteRow({
  site,
  open,
  onToggle,
}: {
  readonly site: Site
  readonly open: boolean
  readonly onToggle: () => void
}) {
  const { t } = useTranslation()
  const [first] = site.items
  return (
    <li data-chosen={open || undefined}>
      <button type="button" className="site-row" aria-expanded={open} onClick={onToggle}>
        <ItemLine item={first} />
        {site.items.length > 1 ? (
          <span className="tag">{t('map.together', { n: site.items.length })}</span>
        ) : null}
      </button>
      {open ? (
        <ul className="site-items">
          {site.items.map((item) => (
            <li key={itemKey(item)}>
              <ItemLine item={item} link />
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  )
}
