import { useQuery } from '@tanstack/react-query'
import { Button, Input, Segmented } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import { fetchEarlierStill, fetchLiveStill } from '../api/rules.ts'
import type { CameraItem } from '../api/types.ts'
import { mayLook } from '../cameras/may-look.ts'
import { useProblemText } from '../parts/problem-text.ts'
import { hasRole, useSession } from '../session/session.ts'
import { formatFull } from '../time/format.ts'
import { serverClock } from '../time/server-clock.ts'
import { zonedTime } from '../time/zoned.ts'
import { PurposeGate } from '../video/PurposeGate.tsx'
import { useLookPurpose } from '../video/purpose.ts'
import { Watermark } from '../video/Watermark.tsx'

interface Props {
  readonly camera: CameraItem
  /** What is drawn on the picture; it fills it. */
  readonly children: ReactNode
}

/** A still of now or of an earlier hour, with its time. It is fetched only when somebody asks: each is a look. */
export function StillPicture({ camera, children }: Props) {
  const { t } = useTranslation()
  const session = useSession()
  const problem = useProblemText()
  const { timezone } = session.city
  const purpose = useLookPurpose(camera.purpose)
  const allowed = mayLook(session)
  const mayReplay = hasRole(session, 'operator', 'verifier', 'investigator')
  const [at, setAt] = useState<number | null>(null)
  const [typed, setTyped] = useState<string | null>(null)
  const query = useQuery({
    queryKey: ['rule-picture', camera.id, purpose, at],
    queryFn: ({ signal }) =>
      at === null
        ? fetchLiveStill(camera.id, purpose ?? '', signal)
        : fetchEarlierStill(camera.id, at, signal),
    enabled: allowed && purpose !== null,
    ...{ staleTime: Number.POSITIVE_INFINITY, gcTime: 0, retry: false },
    ...{ refetchOnWindowFocus: false, refetchOnReconnect: false },
  })
  const canvas = useRef<HTMLCanvasElement>(null)
  const still = query.data ?? null
  useEffect(() => {
    const target = canvas.current
    if (!target || !still) return
    target.width = still.picture.width
    target.height = still.picture.height
    target.getContext('2d')?.drawImage(still.picture, 0, 0)
  }, [still])
  const asked = typed === null ? null : zonedTime(typed.trim(), timezone)
  const width = still?.picture.width ?? camera.width ?? 16
  const height = still?.picture.height ?? camera.height ?? 9
  const note = !allowed
    ? t('ruleDesk.noPictureRight')
    : query.error
      ? problem(toApiError(query.error))
      : query.data === null
        ? t('ruleDesk.notRecorded')
        : null
  return (
    <div className="rule-picture">
      <div className="rule-picture-bar">
        <Segmented
          value={typed === null ? 'now' : 'earlier'}
          onChange={(next) => {
            if (next === 'now') setAt(null)
            setTyped(
              next === 'now' ? null : formatFull(serverClock.now() - 12 * 3_600_000, timezone).slice(0, 16),
            )
          }}
          options={[
            { value: 'now', label: t('ruleDesk.now') },
            { value: 'earlier', label: t('ruleDesk.earlier'), disabled: !mayReplay },
          ]}
        />
        {typed === null ? (
          <Button
            disabled={!allowed || purpose === null}
            loading={query.isFetching}
            onClick={() => void query.refetch()}
          >
            ⟳ {t('ruleDesk.fresh')}
          </Button>
        ) : (
          <>
            <Input
              className="rule-time"
              aria-label={t('ruleDesk.at', { timezone })}
              status={asked === null ? 'error' : ''}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <Button
              disabled={asked === null}
              loading={query.isFetching}
              onClick={() => setAt(asked === null ? null : Date.parse(asked))}
            >
              {t('ruleDesk.show')}
            </Button>
          </>
        )}
        <span className="num">
          {still?.capturedAt ? t('ruleDesk.pictureOf', { at: formatFull(still.capturedAt, timezone) }) : null}
        </span>
        {mayReplay ? null : <span className="caption">{t('ruleDesk.replayNeeds')}</span>}
      </div>
      {allowed && purpose === null ? (
        <PurposeGate />
      ) : (
        <div className="picture rule-stage" style={{ aspectRatio: `${width} / ${height}` }}>
          <canvas ref={canvas} hidden={!still} />
          {still ? <Watermark /> : null}
          {children}
        </div>
      )}
      {note ? (
        <p className="failed" role="status">
          {note}
        </p>
      ) : null}
    </div>
  )
}
