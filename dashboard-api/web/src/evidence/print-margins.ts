/** A CSS string: quotes, backslashes and line breaks lose their meaning. */
const cssString = (text: string): string =>
  `"${text.replaceAll(/["\\\n\r\f]/g, (sign) => `\\${sign.charCodeAt(0).toString(16)} `)}"`

/** The `@page` rule of a case's sheets: A4, number and page above, hashes below. */
export function marginRules(words: {
  readonly no: string
  readonly printed: string
  readonly hashes: readonly string[]
}): string {
  const small = 'font: 7pt "Noto Sans SC", sans-serif; color: #000;'
  const hashes = words.hashes.map(cssString).join(' "\\a " ')
  return `@page {
  size: A4;
  margin: 18mm 14mm 20mm;
  @top-left { ${small} content: ${cssString(words.no)} }
  @top-center { ${small} content: ${cssString(words.printed)} }
  @top-right { ${small} content: counter(page) " / " counter(pages) }
  @bottom-left { ${small} width: 100%; white-space: pre; content: ${hashes} }
}`
}
