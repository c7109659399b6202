import { type ReactNode, useId } from 'react'

interface Props {
  readonly label: ReactNode
  /** `beside`: a switch or checkbox stands before its words. */
  readonly layout?: 'above' | 'beside'
  /** The control; it takes the id. */
  readonly children: (id: string) => ReactNode
}

/** A control with its words, tied together for screen readers and for the mouse. */
export function Field({ label, layout = 'above', children }: Props) {
  const id = useId()
  if (layout === 'beside') {
    return (
      <span className="field-beside">
        {children(id)}
        <label htmlFor={id}>{label}</label>
      </span>
    )
  }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  )
}
