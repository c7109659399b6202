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
 * is terminal, so it goes on under another one · `withdraw`: there was none, or (`covered`) it is part of another.
 */
export type Correction =
  | { readonly kind: 'keep'; readonly told: ToldEpisode; readonly episode: Episode }
  | { readonly kind: 'open'; readonly episode: Episode; readonly instead: ToldEpisode | null }
  | { readonly kind: 'withdraw'; readonly told: ToldEpisode; readonly covered: boolean }

/**
 * Pairs what was told of a time with what is true of it. Pure. Afterwards every true exceedance has exactly one standing
 * event. Paired is what began at the same reading; then what goes on with what is open, so that an alert that is right does
 * not close and open again because its beginning was corrected; then what overlaps, in order of time.
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
  const pairBy = (isSame: (told: ToldEpisode, episode: Episode) => boolean) => {
    for (const episode of episodes) {
      if (pairs.has(episode)) continue
      const one = [...left].find((told) => isSame(told, episode))
      if (!one) continue
      pairs.set(episode, one)
      left.delete(one)
    }
  }
  const canStay = (told: ToldEpisode, episode: Episode) => told.endedAt === null || episode.endedAt !== null
  pairBy((told, episode) => told.since === episode.since && canStay(told, episode))
  pairBy((told, episode) => told.endedAt === null && episode.endedAt === null)
  pairBy(overlap)
  return [
    ...episodes.map((episode): Correction => {
      const one = pairs.get(episode) ?? null
      if (one && canStay(one, episode)) return { kind: 'keep', told: one, episode }
      return { kind: 'open', episode, instead: one }
    }),
    ...[...left].map((told): Correction => {
      const covered = episodes.some((episode) => overlap(told, episode))
      return { kind: 'withdraw', told, covered }
    }),
  ]
}

const overlap = (a: Pick<ToldEpisode, 'since' | 'endedAt'>, b: Pick<Episode, 'since' | 'endedAt'>): boolean =>
  a.since <= (b.endedAt ?? Number.POSITIVE_INFINITY) && b.since <= (a.endedAt ?? Number.POSITIVE_INFINITY)
