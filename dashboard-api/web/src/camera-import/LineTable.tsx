import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Pages } from '../parts/Pages.tsx'

interface Props<T> {
  readonly title: string
  readonly items: readonly T[]
  /** Lines of a page. */
  readonly size?: number
  /** Columns, by their names in the dictionary. */
  readonly heads: readonly ('line' | 'column' | 'what' | 'value' | 'id' | 'name' | 'change')[]
  /** The `tr` of an item, with its key. */
  readonly row: (item: T) => ReactNode
}

/** Lines of a list of cameras, page by page. */
export function LineTable<T>({ title, items, size, heads, row }: Props<T>) {
  const { t } = useTranslation()
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <Pages items={items} label={title} {...(size && { size })}>
        {(page) => (
          <div className="table-scroll">
            <table className="case-table import-table">
              <thead>
                <tr>
                  {heads.map((name) => (
                    <th key={name} scope="col">
                      {t(`cameraImport.head.${name}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>{page.map(row)}</tbody>
            </table>
          </div>
        )}
      </Pages>
    </section>
  )
}
