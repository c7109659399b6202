import { createTransport } from 'nodemailer'
import { z } from 'zod'
import type { Channel, DeliveryOutcome } from '../../core/ports/channel.ts'
import { mailOf } from './email-text.ts'

/** The relay that takes the mails; see app/settings.ts. */
export interface SmtpRelay {
  readonly host: string
  readonly port: number
  readonly security: 'tls' | 'starttls' | 'none'
  readonly username: string | null
  readonly password: string | null
  /** `Sharp Eyes <eyes@city.example>` */
  readonly from: string
}

/** One mail has one recipient, so that trying again never reaches another one twice. */
const targetSchema = z.object({ to: z.tuple([z.email()]) })

const CONNECT_MS = 8_000
const SILENCE_MS = 12_000

/** A connection to the relay, made when it is used. `doctor` logs in by the same one. */
export const openRelay = (relay: SmtpRelay) =>
  createTransport({
    host: relay.host,
    port: relay.port,
    secure: relay.security === 'tls',
    requireTLS: relay.security === 'starttls',
    ignoreTLS: relay.security === 'none',
    ...(relay.username === null ? {} : { auth: { user: relay.username, pass: relay.password ?? '' } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // A text of ours must never make the mailer read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  })

/**
 * Mail by SMTP. The Message-ID is made of the message's own id and is the same at each try, so that a mailbox or relay
 * that knows it shows it once (invariant 5). A refused recipient (550, 551, 553) is final and is seen at once; all else
 * follows the retry table: a full mailbox, a wrong password or a relay that is away is put right by people.
 */
export function createEmailChannel(deps: {
  readonly relay: SmtpRelay
  /** Zone of the city: times in mails are local. */
  readonly timezone: () => Promise<string>
}): Channel {
  const { relay } = deps
  const domain = /@([^>\s]+)/.exec(relay.from)?.[1] ?? 'sharp-eyes'
  return {
    kind: 'email',
    async deliver({ id, payload, target }, signal) {
      const parsed = targetSchema.safeParse(target)
      if (!parsed.success) return failed('bad_target', 'the channel has no e-mail address')
      const mail = mailOf(payload, await deps.timezone())
      if (!mail) return failed('bad_payload', 'the message is of no known form')
      const transport = openRelay(relay)
      const aborted = Promise.withResolvers<DeliveryOutcome>()
      const onAbort = () => {
        transport.close()
        aborted.resolve(failed('timeout', `${relay.host} did not answer in time: it may have arrived`))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        const sent = transport
          .sendMail({
            from: relay.from,
            to: parsed.data.to[0],
            messageId: `<${id}@${domain}>`,
            // All of one matter is one thread in the mail program, the cancellation too.
            references: `<${mail.thread}@${domain}>`,
            inReplyTo: `<${mail.thread}@${domain}>`,
            subject: mail.subject,
            text: mail.text,
            headers: { 'Auto-Submitted': 'auto-generated', 'X-Sharp-Eyes': mail.type },
            ...(mail.urgent ? { priority: 'high' as const } : {}),
          })
          .then(
            ({ response }): DeliveryOutcome => ({ kind: 'delivered', code: codeOf(response) ?? 'smtp' }),
            (error: unknown) => broken(error, relay.host, signal),
          )
        return await Promise.race([sent, aborted.promise])
      } finally {
        signal.removeEventListener('abort', onAbort)
        transport.close()
      }
    },
  }
}

const codeOf = (response: string | undefined): string | null => {
  const code = /^\d{3}/.exec(response ?? '')?.[0]
  return code === undefined ? null : `smtp_${code}`
}

const failed = (code: string, error: string, retryable = true): DeliveryOutcome => ({
  kind: 'failed',
  retryable,
  code,
  error,
})

/** Replies that say that this recipient will never be right (RFC 5321 4.2.3). */
const NO_SUCH_RECIPIENT = [550, 551, 553]

interface SmtpFailure {
  readonly code?: string
  readonly command?: string
  readonly responseCode?: number
  /** Of the system's own failure: `connect` never reached the relay. */
  readonly syscall?: string
}

/** What went wrong, in our words: a relay's own text may quote the login. */
function broken(error: unknown, host: string, signal: AbortSignal): DeliveryOutcome {
  if (signal.aborted) return failed('timeout', `${host} did not answer in time: it may have arrived`)
  const { code, command, responseCode, syscall } = error as SmtpFailure
  if (responseCode !== undefined) {
    const reply = `smtp_${responseCode}`
    if (code === 'EAUTH')
      return failed(reply, `${host} refuses the log-in (${responseCode}): SMTP_USERNAME, SMTP_PASSWORD_FILE`)
    const final = command === 'RCPT TO' && NO_SUCH_RECIPIENT.includes(responseCode)
    const what = final ? 'does not know the recipient' : 'does not take the mail'
    return failed(reply, `${host} ${what} (${responseCode} at ${command ?? 'the session'})`, !final)
  }
  switch (code) {
    case 'EDNS':
      return failed('not_reached', `${host} has no address (DNS)`)
    case 'ETLS':
      return failed('tls', `${host} has no valid TLS, or none where SMTP_SECURITY asks for it`)
    case 'EAUTH':
      return failed('auth', `${host} refuses the log-in: SMTP_USERNAME, SMTP_PASSWORD_FILE`)
    case 'ECONNREFUSED':
      return failed('not_reached', `${host} refuses the connection`)
    case 'ETIMEDOUT':
      return failed('timeout', `${host} did not answer in time: it may have arrived`)
    default:
      if (syscall === 'connect')
        return failed('not_reached', `${host} cannot be reached (${code ?? 'unknown'})`)
      return failed(
        'connection_lost',
        `the connection to ${host} broke (${code ?? 'unknown'}): it may have arrived`,
      )
  }
}
