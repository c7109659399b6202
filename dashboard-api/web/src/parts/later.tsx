import { type ComponentType, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from './ProblemNotice.tsx'

type Load = () => Promise<unknown>

const waiting = new Set<Load>()
const WARM_AFTER_MS = 5_000

/**
 * A component in a chunk of its own, which the first visit does not wait for. `meanwhile` stands in its place until the
 * chunk is here. `warm` fetches it before it is wanted. A chunk that could not be fetched says so, and is asked for again, and after
 * that a new page is offered: the page around it goes on.
 */
export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
  meanwhile: ComponentType<P>,
): ComponentType<P> & { readonly warm: () => void } {
  let loaded: ComponentType<P> | null = null
  const fetchOnce = async (): Promise<ComponentType<P>> => {
    loaded ??= await load()
    waiting.delete(fetchOnce)
    return loaded
  }
  waiting.add(fetchOnce)
  // biome-ignore lint/correctness/noComponentHookFactories: called once for a component, at its module's top
  function Later(props: P) {
    const { t } = useTranslation()
    const [, show] = useState(loaded !== null)
    const [failed, setFailed] = useState<unknown>(null)
    const [tries, setTries] = useState(0)
    // biome-ignore lint/correctness/useExhaustiveDependencies: asked for again with each try
    useEffect(() => {
      let gone = false
      setFailed(null)
      fetchOnce().then(
        () => gone || show(true),
        (error: unknown) => gone || setFailed(error),
      )
      return () => {
        gone = true
      }
    }, [tries])
    if (loaded) {
      const Part = loaded
      return <Part {...props} />
    }
    if (failed) {
      return (
        <ProblemNotice
          what={t('common.partNotLoaded')}
          error={failed}
          onRetry={() => setTries((n) => n + 1)}
          // A browser may remember for as long as the page lives that a chunk could not be had.
          onReload={tries > 0 ? () => location.reload() : undefined}
        />
      )
    }
    const Meanwhile = meanwhile
    return <Meanwhile {...props} />
  }
  const warm = () => void fetchOnce().catch(() => undefined)
  return Object.assign(Later, { warm })
}

/** In place of what is nothing until it is asked for. */
export const Nothing = (): null => null

/**
 * Fetches, one after the other, what `later` has put off: before the network may be cut, and after the first rows. What
 * cannot be fetched now is left for when it is wanted.
 */
export function useWarmUp(): void {
  useEffect(() => {
    const stop = new AbortController()
    const timer = setTimeout(async () => {
      for (const load of [...waiting]) {
        if (stop.signal.aborted) return
        await load().catch(() => undefined)
      }
    }, WARM_AFTER_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [])
}

/** True from the first time that `open` was: a dialog that nobody has opened is not there. */
export function useOpened(open: boolean): boolean {
  const [opened, setOpened] = useState(open)
  if (open && !opened) setOpened(true)
  return opened
}
