import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { apiUrl } from '../api/http.ts'
import type { Change } from '../api/types.ts'
import { sessionQuery } from '../session/session.ts'
import { serverClock } from '../time/server-clock.ts'
import { useNow } from '../time/use-now.ts'
import { affectedBy, FAMILIES, type Family } from './affected.ts'
import { createBackoff } from './backoff.ts'
import { createCoalescer } from './coalesce.ts'
import { type ConnectionView, connectionView, STARTING, type StreamFacts } from './connection.ts'
import { createPositions } from './positions.ts'
import { type Shared, shareStream } from './share.ts'
import { createStore, type Store } from './store.ts'
import { runStream } from './stream-client.ts'
import { openStream, sleep, sleepUntilOnline } from './transport.ts'

type Message =
  | { readonly kind: 'facts'; readonly facts: StreamFacts; readonly position: string | null }
  | { readonly kind: 'change'; readonly change: Change; readonly position: string | null }
  /** The stream has passed changes that are not for this person. */
  | { readonly kind: 'passed'; readonly position: string }
  | { readonly kind: 'reset' | 'ended' | 'hello' | 'claims' }

interface Live {
  readonly facts: Store<StreamFacts>
  /** A list was read at this position: too old for the stream means read again. */
  listRead(family: Family, asOf: string): void
  /** What this page has changed is read again, together with what the stream will say of it. */
  readAgain(...families: readonly Family[]): void
  /** Called for each change as it comes, in the handler of its message. */
  onChange(listener: (change: Change) => void): () => void
}

/** After a 401 the session is asked for; this long later the stream is tried again. */
const REFUSED_MS = 5_000

/** How exactly the others know when the last bytes came. */
const TELL_MS = 1_000

const LiveContext = createContext<Live | null>(null)

function useLive(): Live {
  const live = use(LiveContext)
  if (!live) throw new Error('this needs LiveProvider above it')
  return live
}

export const useListRead = (): Live['listRead'] => useLive().listRead
export const useReadAgain = (): Live['readAgain'] => useLive().readAgain

/** Hears each change once, also in a tab that does not hold the stream. */
export function useChanges(listener: (change: Change) => void): void {
  const live = useLive()
  const newest = useRef(listener)
  newest.current = listener
  useEffect(() => live.onChange((change) => newest.current(change)), [live])
}

export function useConnection(): ConnectionView {
  const { facts } = useLive()
  const now = useNow()
  return connectionView(useSyncExternalStore(facts.subscribe, facts.get), now)
}

/** Reads the change log and has the queries it touches read again. Patches nothing: the server is the only truth. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient()
  const live = useMemo(() => createLive(client), [client])

  useEffect(() => {
    const stop = new AbortController()
    live.run(stop.signal).catch((fault: unknown) => {
      console.error('The change stream has ended unexpectedly.', fault)
    })
    return () => stop.abort()
  }, [live])

  return <LiveContext value={live}>{children}</LiveContext>
}

function createLive(client: ReturnType<typeof useQueryClient>) {
  const facts = createStore<StreamFacts>(STARTING)
  const positions = createPositions()
  const timers = {
    now: () => performance.now(),
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  }
  const pagesOf = (family: string) => {
    const pages = client.getQueriesData<{ pages?: readonly unknown[] }>({
      queryKey: [family],
      type: 'active',
    })
    return Math.max(1, ...pages.map(([, data]) => data?.pages?.length ?? 1))
  }
  // A list of n loaded pages is n requests: it is read again at most every n seconds.
  const refetch = createCoalescer(
    timers,
    (key) => 1_000 * pagesOf(key.split('/', 1)[0] ?? key),
    (key) => {
      const [family, id] = key.split('/', 2)
      void client.invalidateQueries({ queryKey: id ? [family, id] : [family] })
    },
  )

  const everything = () => {
    for (const family of FAMILIES) refetch.mark(family)
  }
  const listeners = new Set<(change: Change) => void>()
  const onChange = (change: Change) => {
    for (const listener of listeners) listener(change)
    for (const { family, id } of affectedBy(change)) refetch.mark(id ? `${family}/${id}` : family)
  }
  const onEnded = () => void client.invalidateQueries(sessionQuery)

  const hear = (message: Message, shared: () => Shared<Message> | null) => {
    if (message.kind === 'hello') {
      const here = shared()
      if (here?.leads()) here.post({ kind: 'facts', facts: facts.get(), position: positions.next() })
    } else if (message.kind === 'facts') {
      facts.set(message.facts)
      if (message.position === null) return
      const first = positions.next()
      positions.streamed(message.position)
      if (first !== null && positions.listRead(first)) everything()
    } else if (message.kind === 'change') {
      if (message.position !== null) positions.streamed(message.position)
      onChange(message.change)
    } else if (message.kind === 'passed') positions.streamed(message.position)
    else if (message.kind === 'claims') refetch.mark('claims')
    else if (message.kind === 'reset') {
      positions.forget()
      everything()
    } else onEnded()
  }

  const lead = async (shared: Shared<Message>, signal: AbortSignal): Promise<void> => {
    const tell = (next: StreamFacts) => {
      facts.set(next)
      shared.post({ kind: 'facts', facts: next, position: positions.next() })
    }
    const reset = () => {
      positions.forget()
      everything()
      shared.post({ kind: 'reset' })
    }
    // The first list says where to begin. A page without a list begins now and reads itself once more.
    for (let waited = 0; positions.next() === null && waited < 1_500; waited += 50) await sleep(50, signal)
    const end = await runStream(
      {
        open: (after, attempt) => openStream(apiUrl('/stream', { after }), attempt),
        sleep,
        pause: sleepUntilOnline,
        backoff: createBackoff(1_000, 30_000),
        position: positions.next,
        onOpen: () => {
          if (positions.next() === null) everything()
          tell({ open: true, lastByteAt: serverClock.now(), downSince: null, fault: null })
        },
        onBytes: () => {
          const { open, lastByteAt } = facts.get()
          const now = serverClock.now()
          // Told in seconds: in a flood each change would have every page and tab draw its bars again.
          if (!open || lastByteAt === null || now - lastByteAt >= TELL_MS || now < lastByteAt)
            tell({ ...facts.get(), open: true, lastByteAt: now })
        },
        onEvent: (event) => {
          if (event.event === 'reset') {
            reset()
            if (event.id) positions.streamed(event.id)
            return
          }
          if (event.event === 'claims') {
            refetch.mark('claims')
            shared.post({ kind: 'claims' })
            return
          }
          if (event.id) positions.streamed(event.id)
          if (!event.data) {
            // Else the other tabs would take the next facts for changes that they have missed, and read all again.
            if (event.id) shared.post({ kind: 'passed', position: event.id })
            return
          }
          const change = JSON.parse(event.data) as Change
          onChange(change)
          shared.post({ kind: 'change', change, position: event.id })
        },
        onDown: (fault) => {
          const before = facts.get()
          tell({ ...before, open: false, downSince: before.downSince ?? serverClock.now(), fault })
        },
      },
      signal,
    )
    if (end !== 'unauthorized') return
    shared.post({ kind: 'ended' })
    onEnded()
    // When the session is over, the page is at the log-in by now. A 401 out of a proxy must not end the stream for good.
    const before = facts.get()
    tell({ ...before, open: false, downSince: before.downSince ?? serverClock.now(), fault: 'server' })
    await sleepUntilOnline(REFUSED_MS, signal)
    await lead(shared, signal)
  }

  return {
    facts,
    listRead: (family: Family, asOf: string) => {
      if (positions.listRead(asOf)) refetch.mark(family)
    },
    readAgain: (...families: readonly Family[]) => {
      for (const family of families) refetch.mark(family)
    },
    onChange: (listener: (change: Change) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    run: async (signal: AbortSignal) => {
      let shared: Shared<Message> | null = null
      try {
        await shareStream<Message>(
          (message) => hear(message, () => shared),
          (leader, inner) => {
            shared = leader
            return lead(leader, inner)
          },
          (follower) => {
            shared = follower
            follower.post({ kind: 'hello' })
          },
          signal,
        )
      } catch (stopped) {
        if (!signal.aborted) throw stopped
      } finally {
        refetch.stop()
      }
    },
  }
}
