import { type ApiError, toApiError } from '../../api/problem.ts'
import type { KeptProblem, Photo, Work } from '../store/types.ts'

/** The calls that sending needs. Each may be made again: keys make sure that it happens once. */
export interface FieldApi {
  /** Id of the attachment. */
  attach(no: string, photo: Photo): Promise<string>
  command(work: Work, attachments: readonly string[]): Promise<void>
  remark(work: Work, attachments: readonly string[]): Promise<void>
}

export type Outcome =
  /** `leftOut`: pictures that the case no longer takes, of a remark. */
  | { readonly kind: 'done'; readonly leftOut: number }
  | { readonly kind: 'later' | 'login' | 'conflict' | 'refused'; readonly problem: KeptProblem }

/** Sends one piece of work: its pictures first, then the command that names them. Total. */
export async function sendWork(work: Work, photos: readonly Photo[], api: FieldApi): Promise<Outcome> {
  try {
    const ids: string[] = []
    let leftOut = 0
    for (const photo of photos) {
      try {
        ids.push(photo.attachment ?? (await api.attach(work.no, photo)))
      } catch (thrown) {
        // A case that has moved on may take no more pictures; the words still count.
        if (!work.asRemark || !isForbidden(toApiError(thrown))) throw thrown
        leftOut += 1
      }
    }
    await (work.asRemark ? api.remark(work, ids) : api.command(work, ids))
    return { kind: 'done', leftOut }
  } catch (thrown) {
    const error = toApiError(thrown)
    return { kind: kindOf(error), problem: keep(error) }
  }
}

/** What a failure means for the queue. */
export function kindOf(error: ApiError): Exclude<Outcome['kind'], 'done'> {
  const { status, code } = error
  if (status === 401 || code === 'password_change_required') return 'login'
  if (code === 'version_conflict' || (code === 'state_conflict' && hasState(error))) return 'conflict'
  // Pictures are refused by the state of the case: it has moved on, and the command would say so too.
  if (isForbidden(error) && hasState(error)) return 'conflict'
  if (status === 0 || status === 408 || status === 429 || status >= 500) return 'later'
  return 'refused'
}

const isForbidden = (error: ApiError): boolean => error.code === 'forbidden'
const hasState = (error: ApiError): boolean => typeof error.problem?.details?.state === 'string'

const keep = (error: ApiError): KeptProblem => ({
  status: error.status,
  code: error.code,
  detail: error.message,
  number: error.number,
  details: error.problem?.details ?? null,
})

/** 5 s, 10 s … 5 min: how long until the next try after `tries` failures. */
export const waitAfter = (tries: number): number => Math.min(300_000, 5_000 * 2 ** Math.min(tries - 1, 10))
