import type { ConfigProviderProps } from 'antd'
import i18next from 'i18next'
import { useCallback } from 'react'
import { initReactI18next, useTranslation } from 'react-i18next'
import { readSetting, writeSetting } from '../parts/stored.ts'
import { LANGUAGES, type Language } from './languages.ts'
import { plural } from './plural.ts'

type Locale = NonNullable<ConfigProviderProps['locale']>

interface Words {
  readonly words: object
  readonly antd: Locale
}

/** A chunk a language: nobody loads the one that he does not read. */
const LOADERS: Readonly<Record<Language, () => Promise<Words>>> = {
  'zh-CN': () => import('./all-zh.ts'),
  en: () => import('./all-en.ts'),
}
const locales = new Map<Language, Locale>()

async function load(language: Language): Promise<void> {
  if (locales.has(language)) return
  const { words, antd } = await LOADERS[language]()
  locales.set(language, antd)
  i18next.addResourceBundle(language, 'translation', words)
}

/** Chinese first; English only where this browser chose it. Rejects when the words cannot be fetched. */
export async function startWords(): Promise<void> {
  const stored = readSetting('language')
  const language = LANGUAGES.find((each) => each === stored) ?? 'zh-CN'
  document.documentElement.lang = language
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
    initAsync: false,
  })
  i18next.services.formatter?.add('plural', plural)
  await load(language)
}

/** Rejects when the words cannot be fetched; the page then stays in its language. */
export async function chooseLanguage(language: Language): Promise<void> {
  await load(language)
  writeSetting('language', language)
  document.documentElement.lang = language
  await i18next.changeLanguage(language)
}

export function useLanguage(): Language {
  const { i18n } = useTranslation()
  return i18n.language === 'en' ? 'en' : 'zh-CN'
}

/** Words of antd's own parts; they come with ours. */
export function useLocale(): Locale {
  const locale = locales.get(useLanguage())
  if (!locale) throw new Error('useLocale is for pages whose words are loaded')
  return locale
}

/** Names that come in both languages. */
export interface Label {
  readonly zh: string
  readonly en: string
}

export function useLabel(): (label: Label) => string {
  const language = useLanguage()
  return useCallback((label: Label) => (language === 'zh-CN' ? label.zh : label.en), [language])
}

/** Between the names of a list. */
export const useComma = (): string => (useLanguage() === 'en' ? ', ' : '、')
