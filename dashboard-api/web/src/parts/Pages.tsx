import { Pagination } from 'antd'
import { type ReactNode, useState } from 'react'

/** A long table in pages: thousands of rows at once would make a browser slow. `label`: of what, for screen readers. */
export function Pages<T>({
  items,
  label,
  size = 50,
  children,
}: {
  readonly items: readonly T[]
  readonly label: string
  readonly size?: number
  readonly children: (page: readonly T[]) => ReactNode
}) {
  const [page, setPage] = useState(1)
  const last = Math.max(1, Math.ceil(items.length / size))
  const current = Math.min(page, last)
  return (
    <>
      {children(items.slice((current - 1) * size, current * size))}
      {last > 1 ? (
        <nav aria-label={label}>
          <Pagination
            {...{ current, pageSize: size, total: items.length, showSizeChanger: false, size: 'small' }}
            onChange={setPage}
          />
        </nav>
      ) : null}
    </>
  )
}
