import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { jpegsOf, testFilm } from './films.ts'

/** Ten pictures a second, as a cheap camera sends them. */
export async function startMjpegServer(login: string): Promise<AsyncDisposable & { readonly url: string }> {
  const pictures = await jpegsOf(await testFilm({ codec: 'mjpeg', container: 'avi', seconds: 1, fps: 10 }))
  const expected = `Basic ${Buffer.from(login).toString('base64')}`
  const server = createServer((request, response) => {
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end()
      return
    }
    if (request.url !== '/video') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>no camera</p>'.repeat(500))
      return
    }
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
    let next = 0
    const timer = setInterval(() => {
      const picture = pictures[next++ % pictures.length] ?? Buffer.alloc(0)
      response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`)
      response.write(picture)
      response.write('\r\n')
    }, 100)
    response.on('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
