import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Field } from '../parts/Field.tsx'
import type { CameraDraft, DraftFault } from './draft.ts'

export interface StepProps {
  readonly draft: CameraDraft
  readonly change: (more: Partial<CameraDraft>) => void
  /** Empty until somebody wants to go on. */
  readonly faults: readonly DraftFault[]
}

/** A field with what is wrong in it, right below. */
export function DraftField({
  name,
  label,
  hint,
  faults,
  children,
}: {
  readonly name: DraftFault['field']
  readonly label: string
  readonly hint?: string
  readonly faults: readonly DraftFault[]
  readonly children: (id: string) => ReactNode
}) {
  const { t } = useTranslation()
  return (
    <div className="wizard-field">
      <Field
        label={
          <>
            {label} {hint ? <span className="caption">{hint}</span> : null}
          </>
        }
      >
        {children}
      </Field>
      {faults
        .filter(({ field }) => field === name)
        .map(({ code }) => (
          <p key={code} className="failed" role="alert">
            {t(`cameraNew.fault.${code}`)}
          </p>
        ))}
    </div>
  )
}
