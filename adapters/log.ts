import pino from 'pino'
import type { Log } from '../core/ports/telemetry.ts'
import { redactFields, redactText } from './log-redact.ts'

/**
 * JSON lines on stderr: stdout belongs to the answers of commands. Level from SHARP_EYES_LOG (default `info`). What a line
 * is about is said under the same words everywhere: `event` (its id is also the trace id), `alert`, `case`, `camera`,
 * `sensor`. Nothing secret is logged in the first place; what slips in is hidden here.
 */
export function createLog(
  part: string,
  level = process.env.SHARP_EYES_LOG ?? 'info',
  destination: pino.DestinationStream = pino.destination({ dest: 2, sync: true }),
): Log {
  const logger = pino(
    { level, base: { part, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  )
  return lines(logger, {})
}

/** `about` goes into every line; a field of the line itself wins, so that no key is there twice. */
function lines(logger: pino.Logger, about: object): Log {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (logger.isLevelEnabled(level))
      logger[level](redactFields({ ...about, ...fields }), redactText(message))
  }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => lines(logger, { ...about, ...fields }),
  }
}
