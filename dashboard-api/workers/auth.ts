import type { Request } from 'express'
import { SharpEyesError } from '../../core/errors.ts'
import type { WorkerPorts } from './ports.ts'

/** Who calls: nothing that it says of itself elsewhere counts. */
export interface CallingWorker {
  /** `<name of the token>/<instance>` */
  readonly name: string
}

const INSTANCE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/

/** Throws `not_logged_in` or `forbidden` with the way out; never says anything of the token itself. */
export async function authenticate(
  request: Request,
  tokens: WorkerPorts['tokens'],
  serverVersion: string,
): Promise<CallingWorker> {
  const token = /^Bearer (\S{1,256})$/.exec(request.get('authorization') ?? '')?.[1]
  const found = token === undefined ? null : await tokens.find(token)
  if (!found) {
    throw new SharpEyesError(
      'not_logged_in',
      'the worker token is missing or unknown; "sharp-eyes workers add NAME" on the server makes one',
    )
  }
  if (found.revokedAt) {
    throw new SharpEyesError(
      'forbidden',
      `the token "${found.name}" was revoked at ${found.revokedAt.toISOString()}; "sharp-eyes workers add NAME" makes another`,
    )
  }
  const instance = request.get('x-sharp-eyes-worker') ?? ''
  if (!INSTANCE.test(instance)) {
    throw new SharpEyesError(
      'bad_request',
      'the header X-Sharp-Eyes-Worker names the worker process: 1 to 64 letters, digits, ".", ":", "-" and "_"',
    )
  }
  refuseOtherMajor(request.get('x-sharp-eyes-version') ?? '', serverVersion)
  return { name: `${found.name}/${instance}` }
}

/** Within a major version workers and servers may be of different age: readers ignore keys that they do not know. */
function refuseOtherMajor(worker: string, server: string): void {
  if (majorOf(worker) === majorOf(server)) return
  throw new SharpEyesError(
    'forbidden',
    `this server is version ${server} and the worker ${worker || 'does not say its own'}: both must be of major version ${majorOf(server)}; bring the worker up to date (its spool waits for it)`,
  )
}

const majorOf = (version: string): string => /^(\d{1,6})\./.exec(version)?.[1] ?? '?'
