import { queryOptions } from '@tanstack/react-query'
import type { DryRunItem } from '../../../../core/api/dry-run.ts'
import { apiUrl, get, send, sendParting } from './http.ts'
import { toApiError } from './problem.ts'

export type { DryRunItem }
export type DryRunResult = NonNullable<DryRunItem['result']>
export type DryRunEvent = DryRunResult['events'][number]

const path = (id: string) => `/dry-runs/${encodeURIComponent(id)}`
const ASK_MS = 1_000

export const startDryRun = (
  camera: string,
  body: {
    readonly zones: object
    readonly rules: readonly object[]
    readonly from: string
    readonly to: string
  },
): Promise<DryRunItem> => send('POST', `/cameras/${encodeURIComponent(camera)}/dry-run`, body)

export const cancelDryRun = (id: string): Promise<void> => send('DELETE', path(id))

/** The page goes away: the server ends the run unless a page, this one loaded anew or another, asks for it soon. */
export const leaveDryRun = (id: string): void => sendParting(`${path(id)}/leave`)

/** Runs are deleted a day after they began. */
export const isDeleted = (error: unknown): boolean => toApiError(error).status === 404

/** Asked again and again while it goes on. */
export const dryRunQuery = (id: string) =>
  queryOptions({
    queryKey: ['dry-run', id],
    queryFn: ({ signal }) => get<DryRunItem>(path(id), {}, signal),
    refetchInterval: ({ state: { data, error } }) =>
      (data && data.state !== 'running') || (error && isDeleted(error)) ? false : ASK_MS,
    // The server ends a run for which no page asks: a hidden one asks too, once a minute where the browser slows it down.
    refetchIntervalInBackground: true,
    staleTime: Number.POSITIVE_INFINITY,
  })

/** The masked picture of an event's beginning. Each opening is a look that the server writes down. */
export const dryRunPictureUrl = (id: string, n: number): string => apiUrl(`${path(id)}/pictures/${n}.jpg`)
