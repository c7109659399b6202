/** Userinfo of any URL, whoever wrote it: `rtsp://user:password@host` → `rtsp://***@host`. */
const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi
const HIDDEN = '***'

/** A secret this short occurs in ordinary words; it is then hidden only where it stands alone. */
const SHORT = 4

/**
 * A function that takes every given secret, and every URL's userinfo, out of a line. ffmpeg quotes the URL it was
 * given in its errors, so the percent-encoded, the ffconcat-quoted and the base64 form are hidden too.
 */
export function createRedactor(secrets: readonly string[]): (line: string) => string {
  const forms = [...new Set(secrets.filter((secret) => secret.length > 0).flatMap(formsOf))]
  // Longest first: otherwise a part of a longer form would leave its rest in the line.
  const patterns = forms.sort((a, b) => b.length - a.length).map(patternOf)
  return (line) =>
    patterns.reduce((text, pattern) => text.replace(pattern, HIDDEN), line.replace(USERINFO, `$1${HIDDEN}@`))
}

function formsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    percentEncode(secret),
    secret.replaceAll("'", "'\\''"),
    Buffer.from(secret).toString('base64'),
  ]
}

/** Everything but RFC 3986 "unreserved" as %XX. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function patternOf(form: string): RegExp {
  const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(form.length < SHORT ? `(?<![a-z0-9])${escaped}(?![a-z0-9])` : escaped, 'gi')
}
