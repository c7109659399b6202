/** What a person may type as the address of a camera; a path or a file of the server is none. */
const SCHEMES = ['rtsp:', 'http:', 'https:']
const MAX_URL = 1_000

export type CameraUrlFault = 'not_url' | 'scheme' | 'credentials' | 'too_long'

/** Why a page refuses an address; null: it can be tried. Private addresses are allowed: cameras live there. */
export function cameraUrlFault(text: string): CameraUrlFault | null {
  if (text.length > MAX_URL) return 'too_long'
  // URL would mend a missing slash, which ffmpeg does not.
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+/i.test(text) || /\s/.test(text) || !URL.canParse(text)) {
    return /^(file|[a-z]):/i.test(text) ? 'scheme' : 'not_url'
  }
  const { protocol, username, password, hostname } = new URL(text)
  if (!SCHEMES.includes(protocol)) return 'scheme'
  if (username || password) return 'credentials'
  return hostname === '' ? 'not_url' : null
}

const USUAL_PORTS: Readonly<Record<string, string>> = { 'rtsp:': '554', 'http:': '80', 'https:': '443' }

/** The same text for all ways to write one address, whatever the order of its query; null: it is a path. */
export function addressKey(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, port, pathname, search } = new URL(text)
  // Of rtsp, URL neither knows the port nor lowers the host, and leaves an empty path empty.
  const host = hostname.toLowerCase().replace(/\.$/, '')
  const query = search.slice(1).split('&').sort().join('&')
  return `${protocol}//${host}:${port || USUAL_PORTS[protocol]}${pathname || '/'}${query && `?${query}`}`
}

/** An address as it may stand in the log: what follows `?` may carry a key. */
export function addressForLog(text: string): string {
  const url = new URL(text)
  return `${url.protocol}//${url.host}${url.pathname}${url.search ? '?…' : ''}`
}
