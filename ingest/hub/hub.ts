import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { Fragment, Hub, HubReader, InitSegment } from './fragment.ts'

export interface HubDeps {
  readonly camera: string
  readonly log: Log
  readonly metrics: Metrics
  /** Most bytes of the last GOP that are kept for a reader that comes late. */
  readonly gopBytes?: number
}

/** The two ends of a hub: `feed` is written by the camera's pull, `hub` is read by everybody else. */
export interface HubEnds {
  readonly hub: Hub
  readonly feed: HubReader
}

/** 30 s of a 4 Mbit/s camera; what exceeds it has a GOP that nobody can begin in anyway. */
const GOP_BYTES = 16 << 20

interface Subscription {
  readonly reader: HubReader
  /** A reader begins at a key frame. */
  began: boolean
}

/**
 * Fan-out of one camera. A reader that comes late gets the init segment and the last GOP at once; when that GOP was too
 * large to be kept (`hub_gop_overflows_total`) it begins at the next key frame. A reader that throws is a fault of its
 * own: it is logged, counted (`hub_readers_failed_total`), told `ended` and let go, and the others go on.
 */
export function createHub({ camera, log, metrics, gopBytes = GOP_BYTES }: HubDeps): HubEnds {
  const subscriptions = new Set<Subscription>()
  let init: InitSegment | null = null
  let gop: Fragment[] = []
  let gopSize = 0
  let gopOverflowed = false

  const letGo = (subscription: Subscription, error: unknown) => {
    subscriptions.delete(subscription)
    metrics.count('hub_readers_failed_total', { camera })
    log.error({ camera, error: String(error) }, 'a reader of the hub failed and was let go')
    try {
      subscription.reader.ended(`reader failed: ${String(error)}`)
    } catch (again) {
      log.error({ camera, error: String(again) }, 'a failed reader of the hub failed again when told so')
    }
  }

  const tell = (subscription: Subscription, what: (reader: HubReader) => void) => {
    try {
      what(subscription.reader)
    } catch (error) {
      letGo(subscription, error)
    }
  }

  const tellAll = (what: (reader: HubReader) => void) => {
    for (const subscription of [...subscriptions]) tell(subscription, what)
  }

  const give = (subscription: Subscription, fragment: Fragment) => {
    if (!subscription.began && !fragment.key) return
    subscription.began = true
    tell(subscription, (reader) => reader.fragment(fragment))
  }

  const keep = (fragment: Fragment) => {
    if (fragment.key) {
      gop = []
      gopSize = 0
      gopOverflowed = false
    } else if (gopOverflowed) return
    gop.push(fragment)
    gopSize += fragment.bytes.length
    if (gopSize <= gopBytes) return
    gop = []
    gopSize = 0
    gopOverflowed = true
    metrics.count('hub_gop_overflows_total', { camera })
  }

  const forget = () => {
    init = null
    gop = []
    gopSize = 0
    gopOverflowed = true
  }

  const feed: HubReader = {
    init(segment) {
      forget()
      init = segment
      for (const subscription of subscriptions) subscription.began = false
      tellAll((reader) => reader.init(segment))
    },
    fragment(fragment) {
      keep(fragment)
      for (const subscription of [...subscriptions]) give(subscription, fragment)
    },
    ended(reason) {
      forget()
      tellAll((reader) => reader.ended(reason))
    },
  }

  const hub: Hub = {
    camera,
    get readers() {
      return subscriptions.size
    },
    subscribe(reader) {
      const subscription: Subscription = { reader, began: false }
      subscriptions.add(subscription)
      const segment = init
      if (segment) tell(subscription, (r) => r.init(segment))
      for (const fragment of gop) if (subscriptions.has(subscription)) give(subscription, fragment)
      return { [Symbol.dispose]: () => void subscriptions.delete(subscription) }
    },
  }
  return { hub, feed }
}
