import { Segmented } from 'antd'

export interface SwitcherProps {
  readonly value: string
  readonly options: { value: string; label: string }[]
  readonly onChange: (value: string) => void
}

/** One of a few, as small as it goes. */
export function Switcher(props: SwitcherProps) {
  return <Segmented size="small" {...props} />
}
