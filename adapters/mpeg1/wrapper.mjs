// What node-rtsp-stream starts in place of ffmpeg: it knows neither input options nor another user nor a clean
// environment, so they are added here, and then this process becomes ffmpeg (the same pid: a signal reaches it).
const [ffmpeg, uid, gid, ...args] = process.argv.slice(2)
if (uid !== '') {
  process.setgroups([])
  process.setgid(Number(gid))
  process.setuid(Number(uid))
}
process.chdir('/')
const INPUT = [
  ...['-nostdin', '-hide_banner', '-loglevel', 'warning'],
  // The stream comes on the standard input; nothing in it may open a file or an address.
  ...['-protocol_whitelist', 'pipe', '-fflags', 'nobuffer', '-flags', 'low_delay'],
  // The initialization segment says everything that probing would find out.
  ...['-probesize', '500000', '-analyzeduration', '0', '-f', 'mp4'],
]
process.execve(ffmpeg, [ffmpeg, ...INPUT, ...args], {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LC_ALL: 'C.UTF-8',
})
