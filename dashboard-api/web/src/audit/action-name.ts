import { useTranslation } from 'react-i18next'
import { objectOf } from './search.ts'

/** `alert:01a2…` → 「告警 01a2…」, `audit` → 「审计日志」. */
export function useObjectName(): (object: string) => string {
  const { t, i18n } = useTranslation()
  return (object) => {
    const { kind, id } = objectOf(object)
    // There is one city, and its id is the word itself.
    if (kind !== null)
      return kind === 'city' && id === 'city'
        ? t(`audit.objects.${kind}`)
        : `${t(`audit.objects.${kind}`)} ${id}`
    return i18n.exists(`audit.whole.${object}`) ? t(`audit.whole.${object}`) : object
  }
}

/** `look`, `original` → 「查看：原图」. An action that has no words yet is shown by its code. */
export function useActionName(): (topic: string, action: string | null) => string {
  const { t, i18n } = useTranslation()
  return (topic, action) => {
    const name = i18n.exists(`audit.topics.${topic}`) ? t(`audit.topics.${topic}`) : topic
    if (action === null) return name
    const each = action.split(',').map((kind) => {
      // What was done to a case has its words in the case's own log.
      const key = [`audit.actions.${topic}.${kind}`, `log.${kind}`].find((one) => i18n.exists(one))
      return key === undefined ? kind : t(key)
    })
    return `${name} · ${each.join(' / ')}`
  }
}
