import type { HazardType } from '../catalogue.ts'

/** Sensor and picture tell of one thing when they overlap, or when one ended so shortly before the other began. */
export const AGREE_WITHIN_MS = 15 * 60_000

interface Agreement {
  /** Factor codes of HJ 212-2017 and 2005, and the words that MQTT sensors use; compared without case and punctuation. */
  readonly factors: readonly string[]
  /** What a camera may see of it. */
  readonly types: readonly HazardType[]
}

/** Which factors and pictures speak of the same thing. Whatever is not here agrees with nothing (noise, weather, water, smells). */
const AGREEMENTS: readonly Agreement[] = [
  {
    // Particles, coarse and fine: everything that dusts, smokes or burns makes them.
    factors: [
      ...['a34001', 'a34002', 'a34004', 'a34005', 'a34013', '01'],
      ...['tsp', 'pm1', 'pm10', 'pm25', 'pm', 'dust', 'particulates'],
    ],
    types: ['dust', 'plume', 'smoke', 'fire', 'open_burning'],
  },
  {
    // Darkness of smoke (Ringelmann) and its opacity: what the picture measures too.
    factors: ['a01010', 'ringelmann', 'opacity', 'smoke'],
    types: ['plume', 'smoke', 'fire', 'open_burning'],
  },
  {
    // Gases of combustion: SO2, NOx, NO, NO2, CO. Dust of a building site has none.
    factors: [
      ...['a21026', 'a21002', 'a21003', 'a21004', 'a21005', '02', '03', '04'],
      ...['so2', 'nox', 'no', 'no2', 'co'],
    ],
    types: ['plume', 'smoke', 'fire', 'open_burning'],
  },
  {
    // Organic vapours (NMHC, benzene): out of a fire or a flare; out of a leak, which no picture shows.
    factors: ['a24088', 'a25002', 'nmhc', 'voc', 'vocs', 'tvoc', 'benzene'],
    types: ['plume', 'smoke', 'fire', 'open_burning'],
  },
]

const TYPES_OF = new Map<string, readonly HazardType[]>(
  AGREEMENTS.flatMap(({ factors, types }) => factors.map((factor) => [factor, types] as const)),
)

/** Types of pictures that agree with an exceedance of this factor; empty: none does. */
export const agreeingTypes = (factor: string): readonly HazardType[] =>
  TYPES_OF.get(factor.toLowerCase().replaceAll(/[^a-z0-9]/g, '')) ?? []

/** Every type that agrees with any factor. */
export const AGREEING_TYPES: ReadonlySet<string> = new Set(AGREEMENTS.flatMap(({ types }) => types))
