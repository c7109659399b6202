import { Button } from 'antd'
import { useTranslation } from 'react-i18next'

interface Item {
  readonly id: string
  readonly name: string
  readonly managedBy: 'file' | 'desk'
  readonly facts: readonly string[]
  /** What is wrong with it, in words. */
  readonly warn: string | null
}

interface Props {
  readonly title: string
  readonly add: string
  readonly items: readonly Item[]
  readonly chosen: string | null
  readonly choose: (id: string | null) => void
  readonly ordered?: boolean
}

/** The objects of one kind; one is open beside. */
export function ObjectList({ title, add, items, chosen, choose, ordered = false }: Props) {
  const { t } = useTranslation()
  const List = ordered ? 'ol' : 'ul'
  return (
    <section className="admin-list" aria-label={title}>
      <Button type="dashed" block onClick={() => choose('new')}>
        {add}
      </Button>
      <List>
        {items.map((item, index) => (
          <li key={item.id}>
            <button
              type="button"
              className="admin-item"
              aria-current={item.id === chosen}
              onClick={() => choose(item.id)}
            >
              <span className="admin-name break">
                {ordered ? <span className="num">{index + 1}. </span> : null}
                {item.name}
              </span>
              {item.managedBy === 'file' ? <span className="tag">{t('admin.file')}</span> : null}
              {item.warn ? <span className="tag tag-warn">{item.warn}</span> : null}
              <span className="admin-facts caption break">{item.facts.join(' · ')}</span>
            </button>
          </li>
        ))}
      </List>
    </section>
  )
}
