import { createServer, type Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface ReceivedMail {
  readonly to: readonly string[]
  readonly source: string
  /** Header by its name in lower case, unfolded; undefined: absent. */
  header(name: string): string | undefined
}

export type SmtpBehaviour = 'accept' | 'fail' | 'gone' | 'busy' | 'freeze' | 'break'

/** A real SMTP server on loopback with log-in, whose behaviour for the next mail can be chosen. */
export async function startSmtpReceiver(login: { readonly user: string; readonly password: string }) {
  const received: ReceivedMail[] = []
  const state = { behaviour: 'accept' as SmtpBehaviour }
  const sockets = new Set<Socket>()
  const fail = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode })
  const options: SMTPServerOptions = {
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onAuth({ username, password }, _session, done) {
      if (username === login.user && password === login.password) done(null, { user: username })
      else done(fail(535, `no ${password} for you`))
    },
    onRcptTo(_address, _session, done) {
      if (state.behaviour === 'gone') done(fail(550, 'no such user'))
      else if (state.behaviour === 'busy') done(fail(450, 'try again later'))
      else done()
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (state.behaviour === 'break') return void [...sockets].map((socket) => socket.destroy())
        if (state.behaviour === 'freeze') return
        if (state.behaviour === 'fail') return done(fail(451, 'local error'))
        received.push(
          mail(
            Buffer.concat(chunks).toString('utf8'),
            session.envelope.rcptTo.map((to) => to.address),
          ),
        )
        done()
      })
    },
  }
  const server = new SMTPServer(options)
  server.on('error', () => undefined) // broken connections are what some tests are about
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.server.address()
  if (typeof address !== 'object' || !address) throw new Error('the SMTP server has no address')
  return {
    port: address.port,
    received,
    state,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

function mail(source: string, to: readonly string[]): ReceivedMail {
  const head = source.slice(0, source.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ')
  return {
    to,
    source,
    header: (name) =>
      head
        .split('\r\n')
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim(),
  }
}

/** A port on which nobody answers SMTP: connections are refused. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise<void>((done) => server.close(() => done()))
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return address.port
}
