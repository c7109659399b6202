/** As spreadsheets of here save lists: UTF-8 with or without a mark, or GB18030 (and so GBK, GB 2312). */
export type ListEncoding = 'utf-8' | 'gb18030'

/** Text of a file and how it was written; null: neither, so it is no text (or a workbook). */
export function decodeList(
  bytes: Uint8Array,
): { readonly text: string; readonly encoding: ListEncoding } | null {
  // A NUL is in every workbook and picture, and in no list.
  if (bytes.includes(0)) return null
  for (const encoding of ['utf-8', 'gb18030'] as const) {
    try {
      return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding }
    } catch {
      // Not this one.
    }
  }
  return null
}
