import { createContext, use } from 'react'

export const THEME_CHOICES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEME_CHOICES)[number]

export interface ThemeSetting {
  readonly choice: ThemeChoice
  readonly dark: boolean
  choose(choice: ThemeChoice): void
}

export const ThemeContext = createContext<ThemeSetting | null>(null)

export function useThemeSetting(): ThemeSetting {
  const setting = use(ThemeContext)
  if (!setting) throw new Error('useThemeSetting needs ThemeProvider above it')
  return setting
}
