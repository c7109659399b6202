import { ConfigProvider } from 'antd'
import { type ReactNode, useEffect, useMemo } from 'react'
import { useStoredChoice } from '../parts/stored.ts'
import { useMedia } from '../parts/use-media.ts'
import { useLocale } from '../words/language.ts'
import { THEME_CHOICES, ThemeContext } from './choice.ts'
import { antdTokens } from './tokens.ts'

/** antd's tokens and our own CSS variables follow one choice: dark, light, or as the system says. */
export function ThemeProvider({ children }: { readonly children: ReactNode }) {
  const [choice, choose] = useStoredChoice('theme', THEME_CHOICES, 'system')
  const systemDark = useMedia('(prefers-color-scheme: dark)')
  const locale = useLocale()
  const dark = choice === 'dark' || (choice === 'system' && systemDark)

  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  }, [dark])

  const theme = useMemo(() => antdTokens(dark), [dark])
  return (
    <ThemeContext value={{ choice, dark, choose }}>
      <ConfigProvider
        theme={theme}
        locale={locale}
        button={{ autoInsertSpace: false }}
        wave={{ disabled: true }}
      >
        <div className="app">{children}</div>
      </ConfigProvider>
    </ThemeContext>
  )
}
