import i18next from 'i18next'
import { useCallback } from 'react'
import { initReactI18next, useTranslation } from 'react-i18next'
import { readSetting, writeSetting } from '../parts/stored.ts'
import { en } from './en.ts'
import { LANGUAGES, type Language } from './languages.ts'
import { zh } from './zh.ts'

/** Chinese first; English only where this browser chose it. */
export function startWords(): void {
  const stored = readSetting('language')
  const language = LANGUAGES.find((each) => each === stored) ?? 'zh-CN'
  document.documentElement.lang = language
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { 'zh-CN': { translation: zh }, en: { translation: en } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
    initAsync: false,
  })
}

export function chooseLanguage(language: Language): void {
  writeSetting('language', language)
  document.documentElement.lang = language
  void i18next.changeLanguage(language)
}

export function useLanguage(): Language {
  const { i18n } = useTranslation()
  return i18n.language === 'en' ? 'en' : 'zh-CN'
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
