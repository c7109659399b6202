import type { ConfigItem } from '../../../../core/api/config.ts'

/** Cameras whose id, name, address or place holds all the words that are looked for, in their order. */
export function matchingCameras(items: readonly ConfigItem[], search: string): readonly ConfigItem[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return items
  return items.filter(({ id, body: { name, url, place } }) => {
    const text = [id, JSON.stringify(name ?? ''), String(url ?? ''), JSON.stringify(place ?? '')]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
