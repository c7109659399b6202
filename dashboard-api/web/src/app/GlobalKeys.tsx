import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { KeyHelpProps } from '../keys/KeyHelp.tsx'
import { useKeys } from '../keys/KeysProvider.tsx'
import { later, Nothing, useOpened } from '../parts/later.tsx'
import { useSession } from '../session/session.ts'
import { placesFor } from './places.ts'

const KeyHelp = later<KeyHelpProps>(async () => (await import('../keys/KeyHelp.tsx')).KeyHelp, Nothing)

/** Keys of every page: the help, and the ways between the pages. */
export function GlobalKeys() {
  const navigate = useNavigate()
  const { roles } = useSession()
  const [help, setHelp] = useState(false)
  const opened = useOpened(help)
  useKeys('keys.groups.global', [
    { codes: ['Slash'], shift: true, shown: '?', words: 'keys.help', run: () => setHelp(true) },
    ...placesFor(roles).map(({ path, words, key }) => ({
      codes: ['KeyG', key] as const,
      shown: `g ${key.slice(3).toLowerCase()}`,
      words,
      run: () => void navigate(path),
    })),
  ])
  return opened ? <KeyHelp open={help} onClose={() => setHelp(false)} /> : null
}
