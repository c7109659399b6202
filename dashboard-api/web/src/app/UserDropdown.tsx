import { Dropdown } from 'antd'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { useKeyTables } from '../keys/KeysProvider.tsx'
import { useSession } from '../session/session.ts'
import { THEME_CHOICES, type ThemeChoice, useThemeSetting } from '../theme/choice.ts'
import { useComma } from '../words/language.ts'

export interface UserDropdownProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly onLeave: () => void
}

/** Under the user's name: roles, theme, keys, sessions, the way out. */
export function UserDropdown({ open, onOpenChange, onLeave }: UserDropdownProps) {
  const { t } = useTranslation()
  const comma = useComma()
  const session = useSession()
  const { choice, choose } = useThemeSetting()
  const { on, switchKeys } = useKeyTables()
  const navigate = useNavigate()
  return (
    <Dropdown
      trigger={['click']}
      open={open}
      onOpenChange={onOpenChange}
      autoFocus
      menu={{
        selectedKeys: [choice],
        items: [
          { key: 'who', disabled: true, label: session.roles.map((role) => t(`role.${role}`)).join(comma) },
          { type: 'divider' },
          {
            type: 'group',
            label: t('theme.title'),
            children: THEME_CHOICES.map((each) => ({ key: each, label: t(`theme.${each}`) })),
          },
          { type: 'divider' },
          { key: 'keys', label: t(on ? 'keys.turnOff' : 'keys.turnOn') },
          { key: 'sessions', label: t('sessions.title') },
          { key: 'leave', label: t('login.out') },
        ],
        onClick: ({ key }) => {
          if (key === 'leave') onLeave()
          else if (key === 'sessions') void navigate('/sessions')
          else if (key === 'keys') switchKeys(!on)
          else if (isTheme(key)) choose(key)
        },
      }}
    >
      <span className="popup-anchor" />
    </Dropdown>
  )
}

const isTheme = (key: string): key is ThemeChoice => (THEME_CHOICES as readonly string[]).includes(key)
