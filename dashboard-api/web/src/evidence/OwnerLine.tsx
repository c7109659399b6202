import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { NamedOwner } from '../../../../core/api/named-owner.ts'
import { replayUrl } from '../history/link.ts'
import { useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'

interface Props {
  readonly owner: NamedOwner
}

/** What evidence belongs to: kind, what and where, when, with the way to it where this person may go. */
export function OwnerLine({ owner }: Props) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const { kind, id, type } = owner
  const name = type === null ? null : typeName(type)
  if (kind === 'case')
    return (
      <Line owner={owner}>
        {t('owner.case')} <Link to={`/cases/${encodeURIComponent(id)}`}>{id}</Link>
        {name ? <strong>{name}</strong> : null}
      </Line>
    )
  if (kind === 'alert')
    return (
      <Line owner={owner}>
        {t('owner.alert')}
        <Link to={`/alerts/${encodeURIComponent(id)}`} title={id} className="break">
          {name ?? id}
        </Link>
      </Line>
    )
  return (
    <Line owner={owner}>
      {t('owner.recording')}
      {owner.camera === null ? <span className="break">{id}</span> : null}
    </Line>
  )
}

function Line({ owner, children }: Props & { readonly children: ReactNode }) {
  const { t } = useTranslation()
  const { from, to, address } = owner
  return (
    <div className="owner-line">
      {children}
      <Place owner={owner} />
      {address ? <span className="caption break">{address}</span> : null}
      {from ? (
        <span className="caption">
          {owner.kind === 'case' ? `${t('owner.filed')} ` : null}
          <Moment at={from} full />
          {to ? (
            <>
              {' – '}
              <Moment at={to} full />
            </>
          ) : null}
        </span>
      ) : null}
    </div>
  )
}

/** A kept recording has no page of its own: its camera's replay is where it is seen. */
function Place({ owner: { kind, camera, cameraName, from } }: Props) {
  const session = useSession()
  const label = useLabel()
  if (camera === null) return null
  const name = cameraName ? label(cameraName) : camera
  const replay = kind === 'recording' && from ? replayUrl(session, camera, Date.parse(from)) : null
  return replay ? (
    <Link to={replay} title={camera} className="break">
      {name}
    </Link>
  ) : (
    <span title={camera} className="break">
      {name}
    </span>
  )
}
