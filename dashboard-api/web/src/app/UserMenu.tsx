import { App, Button, Dropdown } from 'antd'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { toApiError } from '../api/problem.ts'
import { useKeyTables } from '../keys/KeysProvider.tsx'
import { useProblemText } from '../parts/problem-text.ts'
import { useLogOut, useSession } from '../session/session.ts'
import { THEME_CHOICES, type ThemeChoice, useThemeSetting } from '../theme/choice.ts'
import { chooseLanguage, useLanguage } from '../words/language.ts'
import { LANGUAGES } from '../words/languages.ts'

/** Who is logged in, language, theme, keys, the way out. */
export function UserMenu() {
  const { t } = useTranslation()
  const session = useSession()
  const { choice, choose } = useThemeSetting()
  const { on, switchKeys } = useKeyTables()
  const language = useLanguage()
  const logOut = useLogOut()
  const navigate = useNavigate()
  const problem = useProblemText()
  const { notification } = App.useApp()

  const leave = () => {
    logOut().catch((error: unknown) =>
      notification.error({ title: t('login.notOut'), description: problem(toApiError(error)), duration: 0 }),
    )
  }
  return (
    <>
      <Button
        size="small"
        type="text"
        lang={language === 'en' ? 'zh-CN' : 'en'}
        onClick={() => chooseLanguage(LANGUAGES.find((each) => each !== language) ?? 'zh-CN')}
      >
        {language === 'en' ? '中文' : 'English'}
      </Button>
      <Dropdown
        trigger={['click']}
        menu={{
          selectedKeys: [choice],
          items: [
            { key: 'who', disabled: true, label: session.roles.map((role) => t(`role.${role}`)).join('、') },
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
            if (key === 'leave') leave()
            else if (key === 'sessions') void navigate('/sessions')
            else if (key === 'keys') switchKeys(!on)
            else if (isTheme(key)) choose(key)
          },
        }}
      >
        <Button size="small" type="text" className="user-name">
          {session.name} ▾
        </Button>
      </Dropdown>
    </>
  )
}

const isTheme = (key: string): key is ThemeChoice => (THEME_CHOICES as readonly string[]).includes(key)
