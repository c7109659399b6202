import { AsyncLocalStorage } from 'node:async_hooks'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { Server } from '@tus/server'
import type { Request, Response } from 'express'
import { SharpEyesError } from '../../core/errors.ts'
import { MAX_UPLOAD_BYTES } from '../cases/upload.ts'
import type { Staging } from './staging.ts'
import { diskFull, isDiskFull } from './staging-store.ts'

/** Speaks tus 1.0.0 for one admitted request. Throws what it refuses; nothing is answered then. */
export type Tus = (request: Request, response: Response, newId?: string) => Promise<void>

export function createTus({ store }: Staging): Tus {
  const ids = new AsyncLocalStorage<string>()
  const server = new Server({
    path: '/api/cases',
    datastore: store,
    maxSize: MAX_UPLOAD_BYTES,
    allowedOrigins: [], // no other origin has any business here
    namingFunction: () => {
      const id = ids.getStore()
      if (id === undefined) throw new SharpEyesError('internal', 'a new upload without an id')
      return id
    },
    generateUrl: (request, { id }) => `${new URL(request.url).pathname.replace(/\/$/, '')}/${id}`,
    getFileIdFromRequest: (_request, last) => last,
    onResponseError: (_request, error) => {
      throw toOurs(error)
    },
  })
  return async (request, response, newId) => {
    refuseUnspoken(request)
    const asked = toWebRequest(request)
    const speak = () => server.handleWeb(asked)
    try {
      const answer = await (newId === undefined ? speak() : ids.run(newId, speak))
      for (const [name, value] of answer.headers) {
        if (!name.startsWith('access-control-')) response.setHeader(name, value)
      }
      response.status(answer.status).end(await answer.text())
    } finally {
      // Bytes that nobody wanted would cut the line before the answer is through: they are read away.
      request.resume()
    }
  }
}

/** The package's own way of answering does not get on with the session's, which rolls its cookie at the end of an answer. */
function toWebRequest(request: Request): globalThis.Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, String(value))
  }
  const url = new URL(request.originalUrl, 'http://localhost')
  const { method } = request
  if (method !== 'PATCH') return new globalThis.Request(url, { method, headers })
  // Not `toWeb` of the request itself: a stream that is given up would take the connection with it.
  const bytes = new PassThrough()
  pipeline(request, bytes, () => undefined) // a line that breaks off ends `bytes` with its error
  return new globalThis.Request(url, {
    method,
    headers,
    body: Readable.toWeb(bytes),
    duplex: 'half',
  } as RequestInit)
}

/** What the package would refuse in plain text. */
function refuseUnspoken(request: Request): void {
  const { headers, method } = request
  const refuse = (why: string) => new SharpEyesError('bad_request', why)
  if (headers['tus-resumable'] !== '1.0.0') throw refuse('Tus-Resumable: this server speaks tus 1.0.0')
  if (headers['x-http-method-override'] !== undefined) throw refuse('X-HTTP-Method-Override is not taken')
  if (method === 'POST') {
    const length = String(headers['upload-length'] ?? '')
    if (!/^[1-9]\d{0,14}$/.test(length))
      throw refuse('Upload-Length: say how many bytes will come, at least 1')
    if (Number(length) > MAX_UPLOAD_BYTES) {
      throw new SharpEyesError('too_large', 'the file is larger than 20 MB: send a smaller picture')
    }
  }
  if (method !== 'PATCH') return
  if (!/^\d{1,15}$/.test(String(headers['upload-offset'] ?? ''))) {
    throw refuse('Upload-Offset: say from which byte on')
  }
  if (headers['content-type'] !== 'application/offset+octet-stream') {
    throw refuse('Content-Type: bytes come as application/offset+octet-stream')
  }
}

/** Errors of the package are plain objects {status_code, body}; those of the disk have a code. */
function toOurs(thrown: unknown): Error {
  if (thrown instanceof SharpEyesError) return thrown
  if (isDiskFull(thrown)) return diskFull()
  const { status_code: status, body, code } = thrown as { status_code?: number; body?: string; code?: string }
  const why = (body ?? 'it cannot be read').trim()
  if (code === 'ENOENT' || status === 404 || status === 410) {
    return new SharpEyesError('not_found', `there is no such upload: ${why}`)
  }
  if (status === 409) return new SharpEyesError('state_conflict', `${why}: ask with HEAD how far it is`)
  if (status === 413) return new SharpEyesError('too_large', 'more bytes came than the upload has')
  if (status !== undefined && status < 500) return new SharpEyesError('bad_request', `the upload: ${why}`)
  return thrown instanceof Error ? thrown : new SharpEyesError('internal', why)
}
