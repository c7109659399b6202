/** Fill and text of the four severities: one set for both themes, told apart by shape and digit too. */
export const SEVERITY_FILLS = {
  1: { fill: '#d4191f', text: '#ffffff', shape: '◆' },
  2: { fill: '#ff8f1f', text: '#141a21', shape: '▲' },
  3: { fill: '#ffe873', text: '#141a21', shape: '■' },
  4: { fill: '#1668dc', text: '#ffffff', shape: '●' },
} as const

interface Palette {
  /** Behind everything, behind cards, behind menus and dialogs. */
  readonly ground: string
  readonly container: string
  readonly elevated: string
  readonly text: string
  readonly secondary: string
  /** Captions, placeholders, disabled: still 4.5:1, which antd's own alpha values miss. */
  readonly tertiary: string
  readonly disabled: string
  readonly link: string
  readonly error: string
  readonly warning: string
  readonly success: string
  readonly border: string
  /** Borders of controls: 3:1 against what is behind them. */
  readonly control: string
  readonly focus: string
}

export const LIGHT: Palette = {
  ground: '#eceff2',
  container: '#ffffff',
  elevated: '#ffffff',
  text: '#1b222b',
  secondary: '#414c59',
  tertiary: '#566170',
  disabled: '#5f6a78',
  link: '#1259bd',
  error: '#b3151b',
  warning: '#8a4a00',
  success: '#1d6b34',
  border: '#d3d9df',
  control: '#7f8a97',
  focus: '#1259bd',
}

export const DARK: Palette = {
  ground: '#141a21',
  container: '#1b232c',
  elevated: '#232d38',
  text: '#e6ebf0',
  secondary: '#bac5cf',
  tertiary: '#9eabb8',
  disabled: '#8f9ca9',
  link: '#7db1ff',
  error: '#ff8f8f',
  warning: '#ffb45e',
  success: '#74cf8d',
  border: '#35414d',
  control: '#71808e',
  focus: '#8dbbff',
}
