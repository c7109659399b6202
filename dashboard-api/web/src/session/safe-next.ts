/** Where to after the log-in: a path of this app and nothing else, whatever a link in a mail says. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith('/') || /^\/[/\\]/.test(next) || hasControl(next)) return '/'
  return next.startsWith('/login') ? '/' : next
}

/** Browsers drop tabs and line ends inside a URL, so that `/<tab>/evil.example` would leave the origin. */
const hasControl = (text: string): boolean => [...text].some((letter) => letter.charCodeAt(0) < 32)
