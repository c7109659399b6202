import type { CameraItem, Health } from '../api/types.ts'

export interface UnavailableType {
  readonly type: string
  readonly reason: string
  /** On how many cameras a rule asks for it. */
  readonly cameras: number
}

/** Types that some rule asks for and that cannot be found now; the most asked for first. */
export function unavailableTypes(cameras: readonly Pick<CameraItem, 'rules'>[]): readonly UnavailableType[] {
  const found = new Map<string, UnavailableType>()
  for (const camera of cameras) {
    const here = new Map<string, string>()
    for (const { type, enabled, unavailable } of camera.rules)
      if (enabled && unavailable !== null) here.set(type, unavailable)
    for (const [type, reason] of here) {
      const before = found.get(type)
      found.set(type, { type, reason: before?.reason ?? reason, cameras: (before?.cameras ?? 0) + 1 })
    }
  }
  return [...found.values()].toSorted((a, b) => b.cameras - a.cameras || a.type.localeCompare(b.type))
}

/** What the analysis lacks is listed type by type; a model that was refused is a fault all the same. */
export const saidByTypes = (
  { name, code }: Pick<Health['parts'][number], 'name' | 'code'>,
  missing: readonly UnavailableType[],
): boolean => name === 'analysis' && missing.length > 0 && !code.startsWith('model_refused')
