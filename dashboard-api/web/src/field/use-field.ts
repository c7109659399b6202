import { useQuery } from '@tanstack/react-query'
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react'
import type { CaseItem, Session } from '../api/types.ts'
import { serverClock } from '../time/server-clock.ts'
import { sending } from './queue/progress.ts'
import { onChanged } from './store/changed.ts'
import { keepTasks, keptTasks } from './store/kept.ts'
import type { KeptTasks, Photo, Work } from './store/types.ts'
import { readPhotos, readWork } from './store/work.ts'
import { readTasks } from './tasks.ts'

export interface Field {
  readonly session: Session
  /** The server has said that nobody is logged in any more. */
  readonly loggedOut: boolean
}
export const FieldContext = createContext<Field | null>(null)

export function useField(): Field {
  const field = use(FieldContext)
  if (!field) throw new Error('useField needs FieldShell above it')
  return field
}

/** What `read` gives, read again whenever the phone's database changes. Undefined until the first answer. */
function useKept<T>(
  read: () => Promise<T>,
  key: string,
): { readonly data: T | undefined; readonly error: unknown } {
  const [state, setState] = useState<{ data: T | undefined; error: unknown }>({
    data: undefined,
    error: null,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for what `read` closes over
  useEffect(() => {
    let gone = false
    const load = () => {
      read().then(
        (data) => gone || setState({ data, error: null }),
        (error: unknown) => gone || setState((old) => ({ ...old, error })),
      )
    }
    load()
    const stop = onChanged(load)
    return () => {
      gone = true
      stop()
    }
  }, [key])
  return state
}

export const useWork = (person: string) => useKept<readonly Work[]>(() => readWork(person), person)
export const usePhotos = (work: string) => useKept<readonly Photo[]>(() => readPhotos(work), work)

export interface Tasks {
  readonly items: readonly CaseItem[] | undefined
  /** When the server said so, ISO; null: not yet. */
  readonly at: string | null
  readonly error: unknown
  refresh(): void
}

/** The tasks as the server has them, else as they were read last. */
export function useTasks({ session, loggedOut }: Field): Tasks {
  const [kept, setKept] = useState<KeptTasks | null>(null)
  const person = session.name
  useEffect(() => {
    keptTasks(person).then(setKept, () => setKept(null)) // nothing is kept: the server is asked anyway
  }, [person])
  const query = useQuery({
    queryKey: ['field-tasks', person],
    queryFn: async ({ signal }) => {
      const items = await readTasks(signal)
      const at = new Date(serverClock.now()).toISOString()
      await keepTasks(person, items, at).catch(() => undefined) // reading does not fail because keeping does
      return { items, at }
    },
    enabled: !loggedOut,
    networkMode: 'always',
    retry: false,
  })
  const { sentAt } = useSyncExternalStore(sending.subscribe, sending.get)
  const { refetch } = query
  useEffect(() => {
    if (sentAt !== null) void refetch()
  }, [sentAt, refetch])
  const shown = query.data ?? kept
  return { items: shown?.items, at: shown?.at ?? null, error: query.error, refresh: () => void refetch() }
}

export function useOnline(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      addEventListener('online', onChange)
      addEventListener('offline', onChange)
      return () => {
        removeEventListener('online', onChange)
        removeEventListener('offline', onChange)
      }
    },
    () => navigator.onLine,
  )
}
