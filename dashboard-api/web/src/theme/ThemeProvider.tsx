import { App as AntdApp, ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import { type ReactNode, useEffect, useMemo } from 'react'
import { useStoredChoice } from '../parts/stored.ts'
import { useMedia } from '../parts/use-media.ts'
import { useLanguage } from '../words/language.ts'
import { THEME_CHOICES, ThemeContext } from './choice.ts'
import { antdTokens } from './tokens.ts'

/** antd's tokens and our own CSS variables follow one choice: dark, light, or as the system says. */
export function ThemeProvider({ children }: { readonly children: ReactNode }) {
  const [choice, choose] = useStoredChoice('theme', THEME_CHOICES, 'system')
  const systemDark = useMedia('(prefers-color-scheme: dark)')
  const calm = useMedia('(prefers-reduced-motion: reduce)')
  const language = useLanguage()
  const dark = choice === 'dark' || (choice === 'system' && systemDark)

  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  }, [dark])

  const theme = useMemo(() => antdTokens(dark, calm), [dark, calm])
  return (
    <ThemeContext value={{ choice, dark, choose }}>
      <ConfigProvider
        theme={theme}
        locale={language === 'zh-CN' ? zhCN : enUS}
        button={{ autoInsertSpace: false }}
        wave={{ disabled: true }}
      >
        <AntdApp>{children}</AntdApp>
      </ConfigProvider>
    </ThemeContext>
  )
}
