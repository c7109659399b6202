import pino from 'pino'
import type { Log } from '../core/ports.ts'

/** JSON lines on stderr: stdout belongs to the answers of commands. Level from SHARP_EYES_LOG (default `info`). */
export function createLog(name: string, level = process.env.SHARP_EYES_LOG ?? 'info'): Log {
  const logger = pino(
    {
      name,
      level,
      // Belt and braces: nothing should log these keys in the first place.
      redact: {
        paths: ['password', '*.password', 'secret', '*.secret', 'headers.cookie', '*.headers.cookie'],
        censor: '[redacted]',
      },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ dest: 2, sync: true }),
  )
  return wrap(logger)
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  }
}
