/** Birth and will of a device: `online` or `offline`, bare or as `{"status": …}` or `{"state": …}`; null: neither. */
export function parseStatus(bytes: Uint8Array): 'online' | 'offline' | null {
  if (bytes.length > 1_024) return null
  const text = Buffer.from(bytes).toString('utf8').trim()
  const word = text.startsWith('{') || text.startsWith('"') ? wordOf(text) : text
  const lower = word.toLowerCase()
  return lower === 'online' || lower === 'offline' ? lower : null
}

function wordOf(text: string): string {
  try {
    const said: unknown = JSON.parse(text)
    if (typeof said === 'string') return said
    const { status, state } = said as { status?: unknown; state?: unknown }
    const word = status ?? state
    return typeof word === 'string' ? word : ''
  } catch {
    return '' // no JSON: the caller counts it
  }
}
