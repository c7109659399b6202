import type { CameraLogin } from '../../core/camera-setup.ts'
import { userinfo } from './credentials.ts'

/**
 * An ffconcat script that opens one URL. ffmpeg reads it from standard input, so that neither URL nor password is in
 * its arguments, which every user of the machine can list.
 */
export function ffconcat(
  url: URL,
  credentials: CameraLogin | null,
  options: Readonly<Record<string, string>>,
): string {
  const login = credentials ? `${userinfo(credentials)}@` : ''
  const target = `${url.protocol}//${login}${url.host}${url.pathname}${url.search}`
  const lines = Object.entries(options).map(([name, value]) => `option ${name} ${value}`)
  return ['ffconcat version 1.0', `file ${quoted(target)}`, ...lines, ''].join('\n')
}

/** ffmpeg's quoting: nothing is special between single quotes, and a quote is closed, escaped and opened again. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** What every pull through a script begins with; `protocols` and `formats`: all that hostile input may make it open. */
export const scriptInput = (protocols: string, formats: string): readonly string[] => [
  ...['-f', 'concat', '-safe', '0'],
  ...['-protocol_whitelist', `pipe,${protocols}`, '-format_whitelist', `concat,${formats}`],
]
