import type { Response } from 'express'
import { expect, test } from 'vitest'
import { sendEvidence } from '../../dashboard-api/evidence.ts'

/** The type under which a browser gets stored bytes of which somebody said `mediaType`. */
async function typeOf(mediaType: string): Promise<string | undefined> {
  const headers = new Map<string, string>()
  const response = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    sendFile: (_path: string, _options: object, done: () => void) => done(),
  } as unknown as Response
  await sendEvidence(response, { path: '/x', etag: 'e', mediaType, cache: 'no-store' })
  return headers.get('Content-Type')
}

test('pictures and films are shown as what they are', async () => {
  expect(await typeOf('image/jpeg')).toBe('image/jpeg')
  expect(await typeOf('video/mp4')).toBe('video/mp4')
})

test.for(['text/html', 'text/javascript', 'image/svg+xml', 'image/jpeg; x=\r\n', ''])(
  'what a worker calls %o is run by no browser',
  async (type) => {
    expect(await typeOf(type)).toBe('application/octet-stream')
  },
)
