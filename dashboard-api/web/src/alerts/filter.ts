import type { AlertFilter } from '../api/alerts.ts'

/** What the feed shows; the default asks for a person's judgement. */
export const ALERT_VIEWS = ['verify', 'muted', 'firing', 'confirmed', 'rejected', 'all'] as const
export type AlertView = (typeof ALERT_VIEWS)[number]

export const SEVERITIES = ['1', '2', '3', '4'] as const

/** Filters live in the URL: a link shows the same list to a colleague. */
export function readView(params: URLSearchParams): AlertView {
  const asked = params.get('view')
  return ALERT_VIEWS.find((view) => view === asked) ?? 'verify'
}

export function readSeverities(params: URLSearchParams): readonly string[] {
  const asked = (params.get('severity') ?? '').split(',')
  return SEVERITIES.filter((severity) => asked.includes(severity))
}

export function toFilter(params: URLSearchParams): AlertFilter {
  const view = readView(params)
  const severities = readSeverities(params)
  return {
    state: view === 'firing' ? 'firing' : null,
    verdict:
      view === 'verify' || view === 'muted'
        ? 'none'
        : view === 'confirmed' || view === 'rejected'
          ? view
          : null,
    severity: severities.length > 0 ? severities.join(',') : null,
    camera: params.get('camera'),
    type: params.get('type'),
    muted: view === 'verify' ? 'false' : view === 'muted' ? 'true' : null,
  }
}

/** The same parameters with one changed; the default leaves no trace. */
export function withParam(params: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const next = new URLSearchParams(params)
  if (value === null || value === '') next.delete(name)
  else next.set(name, value)
  return next
}
