import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { showFault } from '../parts/fault.ts'
import { later, Nothing, useOpened } from '../parts/later.tsx'
import { usePopup } from '../parts/use-popup.ts'
import { useLogOut, useSession } from '../session/session.ts'
import { LanguageButton } from '../words/LanguageButton.tsx'
import type { UserDropdownProps } from './UserDropdown.tsx'

const UserDropdown = later<UserDropdownProps>(
  async () => (await import('./UserDropdown.tsx')).UserDropdown,
  Nothing,
)

/** Who is logged in, language, theme, keys, the way out. */
export function UserMenu() {
  const { t } = useTranslation()
  const session = useSession()
  const logOut = useLogOut()
  const { open, button, onOpenChange } = usePopup()
  const opened = useOpened(open)
  const leave = () => {
    logOut().catch((error: unknown) => showFault({ what: t('login.notOut'), error }))
  }
  return (
    <>
      <LanguageButton type="text" />
      <span className="popup-place">
        <Button {...button} aria-haspopup="menu" size="small" type="text" className="user-name">
          {session.name} ▾
        </Button>
        {opened ? <UserDropdown open={open} onOpenChange={onOpenChange} onLeave={leave} /> : null}
      </span>
    </>
  )
}
