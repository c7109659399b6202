import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import type { CameraItem } from '../api/types.ts'
import { useProblemText } from '../parts/problem-text.ts'
import { Moment } from '../time/Moment.tsx'
import type { LiveView } from '../video/live-view.ts'
import { liveTrouble } from './live-trouble.ts'

interface Props {
  readonly camera: CameraItem
  readonly view: LiveView
  /** Since when something is before the camera; null: nothing is. */
  readonly coveredSince: string | null
}

/** Why the picture is not what it should be, each cause by its own name; nothing while it is. */
export function LiveNotice({ camera, view, coveredSince }: Props) {
  const { t, i18n } = useTranslation()
  const problem = useProblemText()
  const trouble = liveTrouble(camera, view, coveredSince)
  const left =
    view.dropped > 0 ? <span className="caption">{t('live.dropped', { n: view.dropped })}</span> : null
  if (!trouble) return left
  const exists = i18n.exists.bind(i18n)
  const text = t(`live.trouble.${trouble.kind}`, {
    ...trouble.values,
    ...(trouble.error === undefined ? {} : { error: problem(toApiError(trouble.error)) }),
    ...(trouble.code === undefined
      ? {}
      : { reason: closeText(trouble.code, trouble.values.reason, t, exists) }),
  })
  return (
    <>
      <span className={trouble.bad ? 'failed' : 'caption'}>
        {text}
        {trouble.since ? (
          <>
            {' '}
            {t('cameras.since')} <Moment at={trouble.since} />
          </>
        ) : null}
      </span>
      {left}
    </>
  )
}

function closeText(
  code: number | null,
  reason: string | undefined,
  t: TFunction,
  exists: (key: string) => boolean,
): string {
  if (code !== null && exists(`live.close.${code}`)) return t(`live.close.${code}`)
  if (reason && exists(`live.fault.${reason}`)) return t(`live.fault.${reason}`)
  return reason ?? ''
}
