import { Checkbox } from 'antd'
import { useTranslation } from 'react-i18next'
import { attachmentUrl } from '../api/cases.ts'
import type { CaseDetail } from '../api/types.ts'

interface Props {
  readonly detail: CaseDetail
  readonly chosen: readonly string[]
  readonly onChange: (ids: readonly string[]) => void
}

/** Which photos of the case belong to this move; one just uploaded is chosen already. */
export function PhotoPicker({ detail, chosen, onChange }: Props) {
  const { t } = useTranslation()
  if (detail.attachments.length === 0) return <p className="caption">{t('attachments.none')}</p>
  return (
    <fieldset className="photo-picker">
      <legend>{t('attachments.pick')}</legend>
      {detail.attachments.map((item) => (
        <div key={item.id} className="photo-choice">
          <img
            src={attachmentUrl(detail.no, item.id)}
            alt={t('attachments.alt', { name: item.name ?? item.id, by: item.by })}
          />
          <Checkbox
            checked={chosen.includes(item.id)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, item.id] : chosen.filter((id) => id !== item.id))
            }
          >
            {item.name ?? item.by}
          </Checkbox>
        </div>
      ))}
    </fieldset>
  )
}
