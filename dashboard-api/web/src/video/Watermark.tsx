import { useSession } from '../session/session.ts'
import { formatFull } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'

const REPEATS = ['a', 'b', 'c', 'd', 'e', 'f'] as const

/** Who looks and when, over the whole picture: a photograph of the screen says whose screen it was. */
export function Watermark() {
  const { name, city } = useSession()
  const now = useNow()
  const text = `${name} ${formatFull(now, city.timezone)}`
  return (
    <div className="watermark" aria-hidden="true">
      {REPEATS.map((each) => (
        <span key={each}>{text}</span>
      ))}
    </div>
  )
}
