import { useMutation } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { HAZARD_TYPES } from '../../../../core/catalogue.ts'
import { tryRoute } from '../api/admin.ts'
import { UntilField } from '../cases/UntilField.tsx'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { useSession } from '../session/session.ts'
import { zonedTime } from '../time/zoned.ts'
import { useTypeName } from '../words/names.ts'
import { TrialAnswer } from './TrialAnswer.tsx'
import { useCameraOptions } from './use-options.ts'

type Type = (typeof HAZARD_TYPES)[number]

/** A matter that might be: where it would go, whom it would tell and by when. Nothing is filed. */
export function RouteTrialPanel() {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const cameras = useCameraOptions()
  const { timezone } = useSession().city
  const [type, setType] = useState<Type>('fire')
  const [severity, setSeverity] = useState<1 | 2 | 3 | 4>(3)
  const [camera, setCamera] = useState<string | null>(null)
  const [grid, setGrid] = useState('')
  const [at, setAt] = useState<string | null>(null)
  const trial = useMutation({
    mutationFn: () => {
      const when = at ? zonedTime(at, timezone) : null
      return tryRoute({
        ...{ type, severity, camera, grid: grid.trim() || null },
        ...(when ? { at: new Date(when).toISOString() } : {}),
      })
    },
  })
  return (
    <section className="panel admin-trial" aria-label={t('admin.trial.title')}>
      <h2>{t('admin.trial.title')}</h2>
      <div className="filters">
        <Field label={t('admin.field.when_type')}>
          {(id) => (
            <Select<Type>
              {...{ id, showSearch: true, optionFilterProp: 'label', value: type, onChange: setType }}
              className="filter-wide"
              options={HAZARD_TYPES.map((each) => ({ value: each, label: typeName(each) }))}
            />
          )}
        </Field>
        <Field label={t('admin.field.when_severity')}>
          {(id) => (
            <Select<1 | 2 | 3 | 4>
              {...{ id, value: severity, onChange: setSeverity }}
              options={([1, 2, 3, 4] as const).map((level) => ({ value: level, label: `${level}` }))}
            />
          )}
        </Field>
        <Field label={t('admin.field.when_camera')}>
          {(id) => (
            <Select
              {...{ id, allowClear: true, showSearch: true, optionFilterProp: 'label', value: camera }}
              className="filter-wide"
              placeholder={t('admin.any')}
              options={cameras}
              onChange={(next?: string | null) => setCamera(next ?? null)}
            />
          )}
        </Field>
        <Field label={t('admin.field.when_grid')}>
          {(id) => (
            <Input
              {...{ id, maxLength: 64, value: grid }}
              onChange={(event) => setGrid(event.target.value)}
            />
          )}
        </Field>
        <div className="field">
          <span>{t('admin.trial.at')}</span>
          <UntilField timezone={timezone} onChange={setAt} />
        </div>
        <Button loading={trial.isPending} onClick={() => trial.mutate()}>
          {t('admin.trial.run')}
        </Button>
      </div>
      {trial.error ? <ProblemNotice what={t('admin.trial.failed')} error={trial.error} /> : null}
      <div role="status">{trial.data ? <TrialAnswer trial={trial.data} /> : null}</div>
    </section>
  )
}
