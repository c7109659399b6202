/** Where a route stands; the order in which routes are matched. */
export interface Placed {
  readonly id: string
  readonly position: number
  readonly managedBy: 'file' | 'desk'
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
/** As the server orders them: at one place the desk's before the file's, then by id. */
const inOrder = (a: Placed, b: Placed): number =>
  a.position - b.position || compare(a.managedBy, b.managedBy) || compare(a.id, b.id)

/**
 * The position that puts the desk's route `id` right before `before` (null: at the end), with all others where they
 * are. Null: no position does, because two of the desk's routes at one place are ordered by their ids.
 */
export function positionBefore(routes: readonly Placed[], id: string, before: string | null): number | null {
  const others = routes.filter((route) => route.id !== id).sort(inOrder)
  const wanted = before === null ? others.length : others.findIndex((route) => route.id === before)
  if (wanted < 0) return null
  const near = [others[wanted - 1], others[wanted]].flatMap((route) => (route ? [route.position] : []))
  for (const position of near.length === 0 ? [0] : near.flatMap((p) => [p, p + 1])) {
    const placed = { id, position, managedBy: 'desk' as const }
    if ([...others, placed].sort(inOrder).indexOf(placed) === wanted) return position
  }
  return null
}
