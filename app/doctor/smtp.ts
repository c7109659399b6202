import { openRelay, type SmtpRelay } from '../../alerts/channels/email.ts'
import { type Finding, finding } from './finding.ts'

/** Connects and logs in; sends nothing. */
export async function smtpFinding(relay: SmtpRelay): Promise<Finding> {
  const { host, port, security, username } = relay
  const transport = openRelay(relay)
  try {
    await transport.verify()
    const who = username === null ? 'without log-in' : 'logged in'
    const warn = security === 'none' && !['localhost', '127.0.0.1', '::1'].includes(host)
    return warn
      ? finding(
          'smtp',
          'warn',
          `${host}:${port}: ${who}, unencrypted: SMTP_SECURITY none is for a relay on this machine`,
        )
      : finding('smtp', 'ok', `${host}:${port}: ${who}, ${security}`)
  } catch (error) {
    const { code, responseCode } = error as { code?: string; responseCode?: number }
    const what = [code, responseCode].filter((each) => each !== undefined).join(' ') || 'no answer'
    const way =
      code === 'EAUTH' || responseCode === 530 || responseCode === 535
        ? 'see SMTP_USERNAME and SMTP_PASSWORD_FILE'
        : 'see SMTP_HOST, SMTP_PORT and SMTP_SECURITY'
    // The relay's own text may quote what it was given.
    return finding('smtp', 'fail', `${host}:${port}: ${what}; ${way}`)
  } finally {
    transport.close()
  }
}
