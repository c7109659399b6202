import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { cancelDryRun, dryRunQuery, isDeleted, leaveDryRun, startDryRun } from '../../api/dry-runs.ts'
import { useSession } from '../../session/session.ts'
import { serverClock } from '../../time/server-clock.ts'
import type { RuleSet } from '../model.ts'
import { keepBegun, readBegun } from './begun.ts'
import { markOf } from './figures.ts'

const MINUTE_MS = 60_000

/** The dry run of one person on a camera: begun here, or before the page was opened. */
export function useDryRun(camera: string) {
  const { name } = useSession()
  const client = useQueryClient()
  const [begun, setBegun] = useState(() => readBegun(name, camera))
  const start = useMutation({
    mutationFn: async ({ set, minutes }: { readonly set: RuleSet; readonly minutes: number }) => {
      const to = serverClock.now()
      const { zones, rules } = set
      const span = { from: new Date(to - minutes * MINUTE_MS).toISOString(), to: new Date(to).toISOString() }
      const run = await startDryRun(camera, { zones, rules, ...span })
      return { run, begun: { id: run.id, minutes, mark: markOf(set), zones } }
    },
    onSuccess: (answer) => {
      client.setQueryData(dryRunQuery(answer.run.id).queryKey, answer.run)
      keepBegun(name, camera, answer.begun)
      setBegun(answer.begun)
    },
  })
  const query = useQuery({ ...dryRunQuery(begun?.id ?? ''), enabled: begun !== null })
  const stop = useMutation({
    mutationFn: (id: string) => cancelDryRun(id),
    onSettled: () => query.refetch(),
  })
  const deleted = begun !== null && query.error !== null && isDeleted(query.error)
  // Beside its error a query keeps what it was told before.
  const run = begun && !deleted ? (query.data ?? null) : null
  useEffect(() => {
    if (deleted) keepBegun(name, camera, null)
  }, [deleted, name, camera])
  useEndedWithPage(run?.state === 'running' ? run.id : null)
  return { begun, run, deleted, start, query, stop }
}

/** Others need not wait behind a run whose page is closed. */
function useEndedWithPage(running: string | null): void {
  useEffect(() => {
    if (running === null) return
    // A page that is kept may be shown again, and then asks again.
    const leave = ({ persisted }: PageTransitionEvent) => {
      if (!persisted) leaveDryRun(running)
    }
    addEventListener('pagehide', leave)
    return () => removeEventListener('pagehide', leave)
  }, [running])
}
