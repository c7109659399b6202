import { useTranslation } from 'react-i18next'
import type { KeyBinding } from './match.ts'

export function KeyList({ bindings }: { readonly bindings: readonly KeyBinding[] }) {
  const { t } = useTranslation()
  return (
    <dl className="key-list">
      {bindings.map((binding) => (
        <div
          key={binding.shown + binding.words}
          className={binding.enabled === false ? 'key-off' : undefined}
        >
          <dt>
            {binding.shown.split(' ').map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{t(binding.words)}</dd>
        </div>
      ))}
    </dl>
  )
}
