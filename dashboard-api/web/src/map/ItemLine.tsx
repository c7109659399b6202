import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { MapItem } from '../../../../core/api/map.ts'
import type { CaseState } from '../../../../core/case/words.ts'
import { StateMark } from '../cameras/CameraList.tsx'
import { mayLook } from '../cameras/may-look.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { useStateName, useTypeName } from '../words/names.ts'

/** One thing of the map in a line; `link`: it leads to its page. */
export function ItemLine({ item, link = false }: { readonly item: MapItem; readonly link?: boolean }) {
  const label = useLabel()
  const typeName = useTypeName()
  const session = useSession()
  const { kind, id, name, address } = item
  const matter = kind === 'alert' || kind === 'case'
  const title = matter ? typeName(item.type ?? '') : name ? label(name) : id
  const place = [address, matter && name ? label(name) : null].find((text) => text)
  const to = addressOf(item, mayLook(session))
  return (
    <span className="item-line">
      <State item={item} />{' '}
      {link && to ? <Link to={to}>{title}</Link> : <strong className="item-title">{title}</strong>}{' '}
      {kind === 'case' ? <span className="num caption item-no">{id}</span> : null}{' '}
      {item.at ? (
        <span className="caption item-no">
          <Moment at={item.at} />
        </span>
      ) : null}
      {place ? <span className="item-place caption break">{place}</span> : null}
    </span>
  )
}

function State({ item: { kind, state, severity } }: { readonly item: MapItem }) {
  const { t } = useTranslation()
  const stateName = useStateName()
  if (kind === 'camera') return <StateMark state={state as never} />
  if (kind === 'sensor')
    return (
      <span className="state-mark" data-state={state === 'ok' ? 'online' : 'offline'}>
        <span aria-hidden="true">{state === 'ok' ? '▽' : '✕'}</span> {t(`map.sensor.${state}`)}
      </span>
    )
  return (
    <>
      {severity ? <SeverityChip severity={severity} /> : null}{' '}
      <span className="tag">{kind === 'case' ? stateName(state as CaseState) : t('words.alert')}</span>
    </>
  )
}

/** Null: there is no page of it for this person. */
function addressOf({ kind, id }: MapItem, looks: boolean): string | null {
  if (kind === 'alert') return `/alerts/${id}?view=all`
  if (kind === 'case') return `/cases/${id}`
  return kind === 'camera' && looks ? `/cameras/${encodeURIComponent(id)}` : null
}
