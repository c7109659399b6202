import type { LiveViewer } from '../../core/live.ts'

/** What comes while the row is written: some seconds of a small stream. More says that the database hangs. */
const MOST_WAITING = 500

/**
 * The viewer gets nothing before `note` is done, which begins with the first picture: a look that was refused is none.
 * Until then words wait, in their order. `failed`: the note was not written, or took too long; nothing more is passed on.
 */
export function noted(
  viewer: Pick<LiveViewer, 'init' | 'fragment' | 'ended'>,
  note: () => Promise<void>,
  failed: (error: unknown) => void,
): LiveViewer {
  let state: 'before' | 'writing' | 'open' | 'failed' = 'before'
  let waiting: (() => void)[] = []

  const fail = (error: unknown) => {
    if (state === 'failed') return
    state = 'failed'
    waiting = []
    failed(error)
  }
  const open = () => {
    if (state === 'failed') return
    state = 'open'
    for (const word of waiting) word()
    waiting = []
  }
  const pass = (word: () => void) => {
    if (state === 'open') return word()
    if (state === 'failed') return
    if (waiting.push(word) > MOST_WAITING)
      return fail(new Error('the look could not be written down in time'))
    if (state === 'before') {
      state = 'writing'
      note().then(open, fail)
    }
  }
  return {
    init: (bytes, mime) => pass(() => viewer.init(bytes, mime)),
    fragment: (bytes, facts) => pass(() => viewer.fragment(bytes, facts)),
    ended(reason, code) {
      if (state === 'before') viewer.ended(reason, code)
      else pass(() => viewer.ended(reason, code))
    },
  }
}
