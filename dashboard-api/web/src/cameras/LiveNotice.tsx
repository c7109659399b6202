import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import type { CameraItem } from '../api/types.ts'
import { useProblemText } from '../parts/problem-text.ts'
import { Moment } from '../time/Moment.tsx'
import type { LiveView } from '../video/live-view.ts'
import { liveTrouble, troubleReason } from './live-trouble.ts'

interface Props {
  readonly camera: CameraItem
  readonly view: LiveView
  /** Since when something is before the camera; null: nothing is. */
  readonly coveredSince: string | null
}

/** Stands in the words where the reason goes, which may be in another language than they. */
const PLACE = '\uE000'

/** Why the picture is not what it should be, each cause by its own name; nothing while it is. */
export function LiveNotice({ camera, view, coveredSince }: Props) {
  const { t, i18n } = useTranslation()
  const problem = useProblemText()
  const trouble = liveTrouble(camera, view, coveredSince)
  const left =
    view.dropped > 0 ? <span className="caption">{t('live.dropped', { n: view.dropped })}</span> : null
  if (!trouble) return left
  const { reason, ...values } = trouble.values
  const why =
    reason === undefined
      ? null
      : troubleReason(trouble.code ?? null, reason, { t, exists: i18n.exists.bind(i18n) })
  const [before, after] = t(`live.trouble.${trouble.kind}`, {
    ...values,
    ...(trouble.error === undefined ? {} : { error: problem(toApiError(trouble.error)) }),
    ...(why ? { reason: PLACE } : {}),
  }).split(PLACE)
  return (
    <>
      <span className={trouble.bad ? 'failed' : 'caption'}>
        {before}
        {why ? <span lang={why.lang}>{why.text}</span> : null}
        {after}
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
