import { Input } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

const PAUSE_MS = 300

/** Asks once the typing pauses, not at each letter, and never amid an input method's composition. */
export function SearchField({
  value,
  onSearch,
}: {
  readonly value: string
  readonly onSearch: (text: string) => void
}) {
  const { t } = useTranslation()
  const [text, setText] = useState(value)
  const [composing, setComposing] = useState(false)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (composing || text.trim() === value) return
    const timer = setTimeout(() => onSearch(text.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text, value, composing, onSearch])
  return (
    <Input
      allowClear
      className="filter-search"
      maxLength={100}
      value={text}
      aria-label={t('cases.search')}
      placeholder={t('cases.search')}
      onCompositionStart={() => setComposing(true)}
      onCompositionEnd={() => setComposing(false)}
      onChange={(event) => setText(event.target.value)}
    />
  )
}
