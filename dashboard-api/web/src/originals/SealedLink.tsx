import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Sealed } from '../api/originals.ts'

/** What is sealed, as a link to its page. */
export function SealedLink({ kind, id }: Sealed) {
  const { t } = useTranslation()
  const words = t(`originals.of.${kind}`, { id: kind === 'case' ? id : id.slice(0, 8) })
  if (kind === 'recording') return <span>{words}</span>
  return (
    <Link to={kind === 'case' ? `/cases/${encodeURIComponent(id)}` : `/alerts/${encodeURIComponent(id)}`}>
      {words}
    </Link>
  )
}
