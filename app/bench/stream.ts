import { SharpEyesError } from '../../core/errors.ts'

/** One event of the change stream, with the moment at which it was here. */
export interface StreamEvent {
  readonly id: string
  readonly topic: string
  readonly receivedAt: number
  readonly data: {
    readonly key: string
    /** When the row was written, in the transaction. */
    readonly at: string
    readonly payload: Readonly<Record<string, unknown>>
  }
}

/** A logged-in client as the browser is one. */
export interface BenchClient {
  /** Calls back with every event from now on, until the signal. Resolves when the stream is open. */
  follow(onEvent: (event: StreamEvent) => void, signal: AbortSignal): Promise<void>
  get(path: string): Promise<Response>
}

export async function logIn(
  url: string,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<BenchClient> {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sharp-eyes': '1', origin: url },
    body: JSON.stringify({ name, password }),
  })
  if (!answer.ok) throw new SharpEyesError('internal', `the bench could not log in: HTTP ${answer.status}`)
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  return {
    get: (path) => fetch(`${url}${path}`, { headers: { cookie } }),
    async follow(onEvent, signal) {
      const response = await fetch(`${url}/api/stream`, { headers: { cookie }, signal })
      if (!response.ok || !response.body)
        throw new SharpEyesError('internal', `the change stream does not open: HTTP ${response.status}`)
      readEvents(response.body, onEvent).catch((error: unknown) => {
        if (!signal.aborted) process.stderr.write(`the change stream of the bench broke off: ${error}\n`)
      })
    },
  }
}

async function readEvents(body: ReadableStream, onEvent: (event: StreamEvent) => void): Promise<void> {
  let rest = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const receivedAt = Date.now()
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const [id, topic, data] = [field('id'), field('event'), field('data')]
      if (id && topic && data) onEvent({ id, topic, receivedAt, data: JSON.parse(data) })
    }
  }
}
