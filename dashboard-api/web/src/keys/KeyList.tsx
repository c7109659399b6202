import { useTranslation } from 'react-i18next'
import { byWords } from './key-groups.ts'
import type { KeyBinding } from './match.ts'

export function KeyList({ bindings }: { readonly bindings: readonly KeyBinding[] }) {
  const { t } = useTranslation()
  return (
    <dl className="key-list">
      {byWords(bindings).map((line) => {
        const words = line[0]?.words ?? ''
        return (
          <div
            key={line.map(({ shown }) => shown).join()}
            className={line.every(({ enabled }) => enabled === false) ? 'key-off' : undefined}
          >
            {line.map(({ shown }) => (
              <dt key={shown}>
                {shown.split(' ').map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
            ))}
            <dd>{t(words)}</dd>
          </div>
        )
      })}
    </dl>
  )
}
