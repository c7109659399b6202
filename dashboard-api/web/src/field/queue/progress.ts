import { createStore } from '../../live/store.ts'

/** How far the picture is that goes out now; share 0..1. Null: none does. */
export const progress = createStore<{ readonly photo: string; readonly share: number } | null>(null)

/** The work that goes out now, by its id; and what the last run ended with. */
export const sending = createStore<{
  readonly work: string | null
  readonly login: boolean
  /** Pictures that the last remark went without. */
  readonly leftOut: number
  readonly sentAt: number | null
}>({ work: null, login: false, leftOut: 0, sentAt: null })
