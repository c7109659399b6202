import { fstatSync } from 'node:fs'
import type { MediaUser } from './media-user.ts'

/**
 * Arguments under which `user` can read the descriptors that it is given.
 *
 * Opening `/proc/self/fd/N` jumps over the folders of the file but asks for the rights of the file itself, so a 0600
 * file of root is refused although its open descriptor was handed over. Such a file is read from the descriptor
 * through ffmpeg's `cache:` protocol, which keeps what it read in an unlinked temporary file, so that an MP4 whose index
 * is at its end can be read all the same (tried with ffmpeg 5.1.9; its "seekback" lines on stderr are harmless).
 */
export function readableArguments(
  args: readonly string[],
  fds: readonly number[],
  user: MediaUser | null,
): readonly string[] {
  if (!user) return args
  return fds.reduce<readonly string[]>((current, fd, index) => {
    return mayOpen(fd, user) ? current : throughDescriptor(current, index + 3)
  }, args)
}

function mayOpen(fd: number, user: MediaUser): boolean {
  const file = fstatSync(fd)
  if (!file.isFile()) return true
  if (file.uid === user.uid) return (file.mode & 0o400) !== 0
  if (file.gid === user.gid) return (file.mode & 0o040) !== 0
  return (file.mode & 0o004) !== 0
}

function throughDescriptor(args: readonly string[], number: number): readonly string[] {
  const path = `/proc/self/fd/${number}`
  const at = args.findIndex((arg, i) => arg === path && args[i - 1] === '-i')
  if (at < 0) return args
  const before = args.slice(0, at - 1)
  const whitelist = before.lastIndexOf('-protocol_whitelist') + 1
  if (whitelist > 0) before[whitelist] = `${before[whitelist]},cache,pipe`
  return [...before, '-read_ahead_limit', '-1', '-i', `cache:pipe:${number}`, ...args.slice(at + 1)]
}
