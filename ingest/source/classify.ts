import type { PullCause } from '../../core/camera-setup.ts'
import type { ErrorCode } from '../../core/errors.ts'

/** What ended a pull, from what ffmpeg said. */
export interface PullFailure {
  readonly code: Extract<
    ErrorCode,
    'camera_auth' | 'camera_path' | 'camera_unreachable' | 'camera_codec' | 'camera_ended'
  >
  /** What is wrong and the way out, as the rest of the sentence "camera X …". */
  readonly text: string
  /** Of `camera_unreachable`. `busy`: it has no room for another session; an old one of ours may have to expire first. */
  readonly cause?: PullCause
}

interface Rule {
  readonly pattern: RegExp
  readonly failure: PullFailure
}

/** ffmpeg's exit code says nothing (0 also when the server was killed), so its words decide; the first match wins. */
const RULES: readonly Rule[] = [
  {
    pattern: /Unauthorized|authorization failed|Forbidden/i,
    failure: {
      code: 'camera_auth',
      text: 'refused user or password (401 or 403); correct its credentialsFile, then it connects by itself',
    },
  },
  {
    pattern: /Not Found/i,
    failure: {
      code: 'camera_path',
      text: 'does not know the path of its URL (404); look the stream path up in its manual or web page',
    },
  },
  {
    pattern: /Not Enough Bandwidth|Service Unavailable|returned 5XX/i,
    failure: {
      code: 'camera_unreachable',
      text: 'has no room for another session (453 or 503); end other viewers, or wait until their sessions expire',
      cause: 'busy',
    },
  },
  {
    pattern: /Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/i,
    failure: {
      code: 'camera_unreachable',
      text: 'has a host name that cannot be resolved; correct the host in its URL, or the DNS',
      cause: 'dns',
    },
  },
  {
    pattern: /Connection refused/i,
    failure: {
      code: 'camera_unreachable',
      text: 'refuses the connection: nothing listens at its host and port; correct the port, or start the camera',
      cause: 'refused',
    },
  },
  {
    pattern: /No route to host|Network is unreachable|Host is unreachable/i,
    failure: {
      code: 'camera_unreachable',
      text: 'is out of reach (no route to its host); check the network and its power',
      cause: 'no_route',
    },
  },
  {
    pattern: /timed out|Connection reset|Broken pipe|\bETIMEDOUT\b/i,
    failure: {
      code: 'camera_unreachable',
      text: 'does not answer (connection timed out or reset); check the network and its power',
      cause: 'timeout',
    },
  },
  {
    pattern:
      /Could not find codec parameters|dimensions not set|Could not write header|matches no streams|does not contain any stream|codec not currently supported|Could not find tag for codec|Format not on whitelist|Unsupported codec|Error while opening encoder/i,
    failure: {
      code: 'camera_codec',
      text: 'sends no video that can be used; set its encoding to H.264 or H.265 (for http: MJPEG)',
    },
  },
  {
    // The script was refused without another word: the socket timed out, or what answers speaks another protocol.
    pattern: /Impossible to open|Invalid data found/i,
    failure: {
      code: 'camera_unreachable',
      text: 'does not answer in its protocol; check host, port and scheme of its URL',
      cause: 'protocol',
    },
  },
]

/**
 * @param lines redacted lines of stderr
 * @param fragments how many frames came before the end: a stream that flowed and stops has ended, whatever it said
 */
export function classify(lines: readonly string[], fragments: number): PullFailure {
  const text = lines.join('\n')
  const rule = RULES.find(({ pattern }) => pattern.test(text))
  if (fragments === 0 && rule) return rule.failure
  if (fragments === 0) return { code: 'camera_ended', text: 'closed the connection before its first picture' }
  return { code: 'camera_ended', text: 'ended the stream' }
}
