import { useMutation, useQueryClient } from '@tanstack/react-query'
import { acknowledge, alertQuery, giveVerdict, type VerdictInput } from '../api/alerts.ts'
import { unmuteAlert } from '../api/desk.ts'
import type { AlertDetail, AlertItem } from '../api/types.ts'
import { lastAct } from '../desk/last-verdict.ts'
import { useReadAgain } from '../live/LiveProvider.tsx'
import { useSession } from '../session/session.ts'
import { serverClock } from '../time/server-clock.ts'
import { type ListPages, withChanged } from './feed.ts'

/**
 * Verdict and acknowledgement of one alert. The change is on screen at once and taken back when the server refuses;
 * afterwards the alert is read again, so that what another person did meanwhile is seen.
 */
export function useAlertCommands(alert: AlertDetail) {
  const client = useQueryClient()
  const { name } = useSession()
  const readLists = useReadAgain()
  const { queryKey } = alertQuery(alert.id)

  // The row that is left with `j` must not look unjudged until the list is read again.
  const showInLists = (change: Partial<AlertItem>) =>
    void client.setQueriesData<ListPages>({ queryKey: ['alerts'] }, (pages) =>
      withChanged(pages, alert.id, change),
    )
  const show = async (change: Partial<AlertItem>) => {
    await client.cancelQueries({ queryKey })
    const before = client.getQueryData(queryKey)
    client.setQueryData(queryKey, (old) => (old ? { ...old, ...change } : old))
    showInLists(change)
    return { before }
  }
  const takeBack = (context: { before: AlertDetail | undefined } | undefined) => {
    if (!context?.before) return
    client.setQueryData(queryKey, context.before)
    const { verdict, verdictReason, acknowledgedBy, acknowledgedAt } = context.before
    showInLists({ verdict, verdictReason, acknowledgedBy, acknowledgedAt })
  }
  // Nobody waits for it: the next press of a fast operator counts as soon as the server has answered this one.
  const readAgain = (): void => {
    void client.invalidateQueries({ queryKey })
    // A list of many pages is many requests: in a flood they would come with every press.
    readLists('alerts', 'desk')
  }
  const now = () => new Date(serverClock.now()).toISOString()

  const verdict = useMutation({
    mutationFn: (input: VerdictInput) => {
      const saved = giveVerdict(alert.id, input)
      const act = {
        kind: 'verdict' as const,
        alerts: [alert.id],
        verdict: input.verdict,
        at: serverClock.now(),
        saved,
      }
      lastAct.set(act)
      // What was refused was never given.
      saved.catch(() => {
        if (lastAct.get() === act) lastAct.set(null)
      })
      return saved
    },
    onMutate: (input) =>
      show({
        verdict: input.verdict,
        verdictReason: input.reason ?? null,
        verdictBy: name,
        verdictAt: now(),
      }),
    onError: (_error, _input, context) => takeBack(context),
    onSettled: readAgain,
  })
  const acknowledged = useMutation({
    mutationFn: () => acknowledge(alert.id),
    onMutate: () => show({ acknowledgedBy: name, acknowledgedAt: now() }),
    onError: (_error, _input, context) => takeBack(context),
    onSettled: readAgain,
  })
  const unmute = useMutation({ mutationFn: () => unmuteAlert(alert.id), onSettled: readAgain })
  return { verdict, acknowledge: acknowledged, unmute }
}
