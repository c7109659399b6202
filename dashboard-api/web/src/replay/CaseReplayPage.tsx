import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams, useSearchParams } from 'react-router'
import { alertQuery } from '../api/alerts.ts'
import { caseQuery } from '../api/cases.ts'
import { replayQuery } from '../api/evidence.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ListState } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { ReplayBar } from './ReplayBar.tsx'
import { StepList } from './StepList.tsx'
import { stepIndex, stepsOf, worldAt } from './story.ts'
import { WorldView } from './WorldView.tsx'

/** A case as it happened, step by step. `?step=` is the place, counted from 1. */
export function CaseReplayPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { no = '' } = useParams()
  const [params, setParams] = useSearchParams()
  usePageTitle(t('replay.title', { no }))
  const story = useInfiniteQuery(replayQuery(no))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = story
  // A story is told whole: its end is what everybody asks for first.
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const detail = useQuery(caseQuery(no)).data
  const alert = useQuery({
    ...alertQuery(detail?.alertId ?? ''),
    enabled: detail !== undefined && detail.alertId !== null,
  }).data
  const steps = useMemo(() => stepsOf(story.data?.pages.flatMap((page) => page.items) ?? []), [story.data])
  const index = stepIndex(params.get('step'), steps.length)
  const world = useMemo(() => worldAt(steps, index), [steps, index])
  // Where the last press leads, until the page has drawn it: the next press goes on from there.
  const asked = useRef<number | null>(null)
  useEffect(() => {
    if (asked.current === index) asked.current = null
  })
  const go = (to: number) => {
    const next = Math.max(0, Math.min(steps.length - 1, to))
    asked.current = next
    setParams({ step: String(next + 1) }, { replace: true })
  }
  const goBy = (by: 1 | -1) => go((asked.current ?? index) + by)
  useKeys('replay.open', [
    { codes: ['ArrowLeft'], shown: '←', words: 'replay.previous', repeats: true, run: () => goBy(-1) },
    { codes: ['ArrowRight'], shown: '→', words: 'replay.next', repeats: true, run: () => goBy(1) },
    { codes: ['Home'], shown: 'Home', words: 'replay.first', run: () => go(0) },
    { codes: ['End'], shown: 'End', words: 'replay.last', run: () => go(steps.length - 1) },
    { codes: ['Escape'], shown: 'Esc', words: 'keys.back', run: () => void navigate(`/cases/${no}`) },
  ])
  const step = steps[index]
  return (
    <article className="page replay-page">
      <p className="crumb">
        <Link to={`/cases/${no}`}>‹ {t('replay.back', { no })}</Link>
      </p>
      <h1>{t('replay.title', { no })}</h1>
      <ListState
        query={story}
        what={t('replay.title', { no })}
        empty={steps.length === 0}
        emptyText={t('replay.empty')}
      >
        {step ? (
          <>
            <ReplayBar steps={steps} index={index} onGo={go} />
            <div className="replay-columns">
              <StepList steps={steps} index={index} onGo={go} />
              <WorldView step={step} world={world} detail={detail ?? null} alert={alert ?? null} />
            </div>
          </>
        ) : null}
      </ListState>
    </article>
  )
}
