import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Popover } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { removeView, savedViewsQuery, saveView } from '../api/case-lists.ts'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'

interface Props {
  readonly page: string
  /** The present query string, without `?`. */
  readonly query: string
  readonly onOpen: (query: string) => void
}

/** The filters a person keeps under a name; the same on every machine. */
export function SavedViews({ page, query, onOpen }: Props) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const views = useQuery(savedViewsQuery(page))
  const [name, setName] = useState('')
  const keep = (data: Awaited<ReturnType<typeof saveView>>) =>
    client.setQueryData(savedViewsQuery(page).queryKey, data)
  const save = useMutation({
    mutationFn: () => saveView(page, { name: name.trim(), query }),
    onSuccess: (data) => {
      keep(data)
      setName('')
    },
  })
  const remove = useMutation({ mutationFn: (each: string) => removeView(page, each), onSuccess: keep })
  const items = views.data?.items ?? []
  const failure = save.error ?? remove.error ?? views.error
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t('views.title')}
      content={
        <div className="saved-views">
          {items.length === 0 && !views.isPending ? <p className="caption">{t('views.none')}</p> : null}
          <ul>
            {items.map((view) => (
              <li key={view.name}>
                <Button
                  type="link"
                  size="small"
                  aria-current={view.query === query ? 'true' : undefined}
                  onClick={() => onOpen(view.query)}
                >
                  <span className="break">{view.name}</span>
                </Button>
                <Button
                  type="text"
                  size="small"
                  aria-label={t('views.remove', { name: view.name })}
                  onClick={() => remove.mutate(view.name)}
                >
                  ✕
                </Button>
              </li>
            ))}
          </ul>
          <div className="saved-views-new">
            <Input
              size="small"
              maxLength={60}
              value={name}
              aria-label={t('views.name')}
              placeholder={t('views.name')}
              onChange={(event) => setName(event.target.value)}
            />
            <Button
              size="small"
              disabled={name.trim() === ''}
              loading={save.isPending}
              onClick={() => save.mutate()}
            >
              {t('views.save')}
            </Button>
          </div>
          {failure ? <ProblemNotice what={t('views.failed')} error={failure} /> : null}
        </div>
      }
    >
      <Button>{t('views.title')}</Button>
    </Popover>
  )
}
