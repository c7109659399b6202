import { Input } from 'antd'
import { type Dispatch, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Field } from '../parts/Field.tsx'
import type { EditorAction } from './editor.ts'
import { nameFault } from './faults.ts'
import type { RuleSet } from './model.ts'

interface Props {
  readonly set: RuleSet
  readonly name: string
  readonly readOnly: boolean
  readonly dispatch: Dispatch<EditorAction>
}

/** The name holds when the field is left; a name that cannot be stays typed, with the reason. */
export function ZoneName({ set, name, readOnly, dispatch }: Props) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState(name)
  const fault = nameFault(set, name, typed.trim())
  const take = () => {
    if (fault === null && typed.trim() !== name) dispatch({ do: 'rename', from: name, to: typed.trim() })
  }
  return (
    <Field label={t('ruleDesk.zoneName')}>
      {(id) => (
        <>
          <Input
            {...{ id, readOnly, maxLength: 63, value: typed }}
            status={fault ? 'error' : ''}
            aria-invalid={fault !== null}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={take}
          />
          {fault ? (
            <p className="failed" role="status">
              {t(`ruleDesk.fault.${fault}`)}
            </p>
          ) : null}
        </>
      )}
    </Field>
  )
}
