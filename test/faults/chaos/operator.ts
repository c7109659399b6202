import { setTimeout as delay } from 'node:timers/promises'

const EVERY_MS = 1_500

export interface Operator {
  /** Numbers of the cases that were filed: each answer 201 is a promise. */
  readonly cases: readonly string[]
}

/** A person at the desk who files cases of what fires, through whichever API answers, until the signal. */
export function startOperator(
  options: { readonly apis: readonly string[]; readonly name: string; readonly password: string },
  signal: AbortSignal,
): Operator & { readonly ended: Promise<void> } {
  const cases: string[] = []
  const cookies = new Map<string, string>()

  const call = async (api: string, path: string, body?: object): Promise<Response> =>
    fetch(`${api}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        'content-type': 'application/json',
        'x-sharp-eyes': '1',
        cookie: cookies.get(api) ?? '',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(10_000),
    })
  const logIn = async (api: string): Promise<void> => {
    const answer = await call(api, '/api/session', { name: options.name, password: options.password })
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0]
    if (cookie) cookies.set(api, cookie)
  }
  const fileOne = async (api: string): Promise<void> => {
    if (!cookies.has(api)) await logIn(api)
    const answer = await call(api, '/api/alerts?state=firing&limit=50')
    if (answer.status === 401) cookies.delete(api)
    if (answer.status !== 200) return
    const { items } = (await answer.json()) as { items: { id: string; caseNo: string | null }[] }
    const alert = items.find(({ caseNo }) => caseNo === null)
    if (!alert) return
    const filed = await call(api, '/api/cases', { alertId: alert.id })
    if (filed.status === 201) cases.push(((await filed.json()) as { no: string }).no)
  }
  const ended = (async () => {
    for (let n = 0; !signal.aborted; n += 1) {
      await fileOne(options.apis[n % options.apis.length] ?? '').catch(() => undefined) // away now: the next time
      await delay(EVERY_MS)
    }
  })()
  return { cases, ended }
}
