import type { EpochMs } from '../units.ts'
import type { Judgement } from './judge.ts'
import type { Episode } from './limit.ts'

/** An exceedance that was told as an event and stands: what was known of its time when it was written last. */
export interface ToldEpisode {
  readonly eventId: string
  readonly since: EpochMs
  readonly endedAt: EpochMs | null
}

/**
 * What has to be told so that the events say what the readings say.
 * `keep`: the same exceedance, as it is now · `open`: one that nobody was told of; `instead`: its event is over and an end
 * is terminal, so it goes on under another one · `withdraw`: there was none.
 */
export type Correction =
  | { readonly kind: 'keep'; readonly told: ToldEpisode; readonly episode: Episode }
  | { readonly kind: 'open'; readonly episode: Episode; readonly instead: ToldEpisode | null }
  | { readonly kind: 'withdraw'; readonly told: ToldEpisode }

/**
 * Pairs what was told of a time with what is true of it. Pure. Afterwards every true exceedance has exactly one standing
 * event. What goes on is kept with what is open, so that an alert that is right does not close and open again; the others
 * are paired by overlap, in order of time.
 */
export function reconcile(
  { after, until, episodes }: Pick<Judgement, 'after' | 'until' | 'episodes'>,
  told: readonly ToldEpisode[],
): readonly Correction[] {
  const within = told
    .filter(({ since }) => (after === null || since > after) && (until === null || since < until))
    .toSorted((a, b) => a.since - b.since)
  const left = new Set(within)
  const pairs = new Map<Episode, ToldEpisode>()
  const pair = (episode: Episode, with_: ToldEpisode | undefined) => {
    if (!with_) return
    pairs.set(episode, with_)
    left.delete(with_)
  }
  const goesOn = episodes.find(({ endedAt }) => endedAt === null)
  if (goesOn)
    pair(
      goesOn,
      within.find(({ endedAt }) => endedAt === null),
    )
  for (const episode of episodes) {
    if (pairs.has(episode)) continue
    pair(
      episode,
      [...left].find((one) => overlap(one, episode)),
    )
  }
  return [
    ...episodes.map((episode): Correction => {
      const one = pairs.get(episode) ?? null
      if (one && (one.endedAt === null || episode.endedAt !== null))
        return { kind: 'keep', told: one, episode }
      return { kind: 'open', episode, instead: one }
    }),
    ...[...left].map((one): Correction => ({ kind: 'withdraw', told: one })),
  ]
}

const overlap = (a: Pick<ToldEpisode, 'since' | 'endedAt'>, b: Pick<Episode, 'since' | 'endedAt'>): boolean =>
  a.since <= (b.endedAt ?? Number.POSITIVE_INFINITY) && b.since <= (a.endedAt ?? Number.POSITIVE_INFINITY)
