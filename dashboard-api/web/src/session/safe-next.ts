/** Where to after the log-in: a path of this app and nothing else, whatever a link in a mail says. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith('/') || /^\/[/\\]/.test(next) || /[\u0000-\u001f]/.test(next)) return '/'
  return next.startsWith('/login') ? '/' : next
}
