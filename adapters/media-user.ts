import { readFileSync } from 'node:fs'

export interface MediaUser {
  readonly uid: number
  readonly gid: number
}

/** Linux' overflow id, which Debian, Alpine and Red Hat give to `nobody`. */
const OVERFLOW_ID = 65_534

/** Whom hostile video is read as: `nobody` when we are root, else ourselves (null). */
export function unprivilegedUser(): MediaUser | null {
  if (process.getuid?.() !== 0) return null
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return { uid: Number(uid ?? OVERFLOW_ID), gid: Number(gid ?? OVERFLOW_ID) }
}
