import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import type { CameraItem } from '../api/types.ts'
import { Field } from '../parts/Field.tsx'
import { useLabel } from '../words/language.ts'

interface Props {
  readonly cameras: readonly CameraItem[]
  readonly open: readonly CameraItem[]
  readonly max: number
  readonly onChange: (ids: readonly string[]) => void
}

export function CameraPicker({ cameras, open, max, onChange }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  return (
    <Field layout="beside" label={t('history.cameras', { max })}>
      {(id) => (
        <Select
          id={id}
          mode="multiple"
          className="history-cameras"
          value={open.map((camera) => camera.id)}
          maxCount={max}
          optionFilterProp="label"
          options={cameras.map((camera) => ({
            value: camera.id,
            label: `${label(camera.name)} ${camera.id}`,
          }))}
          onChange={(next: string[]) => onChange(next)}
        />
      )}
    </Field>
  )
}
