import cliProgress from 'cli-progress'

/** A bar on stderr for work longer than two seconds, only on a terminal: stdout carries answers. */
export function createProgress(total: number, what: string): { at(done: number): void; end(): void } {
  if (!process.stderr.isTTY) return { at() {}, end() {} }
  const started = Date.now()
  const bar = new cliProgress.SingleBar(
    {
      stream: process.stderr,
      format: `${what} {bar} {percentage}% {value}/{total}`,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  )
  let shown = false
  return {
    at(done) {
      if (!shown && Date.now() - started < 2_000) return
      if (!shown) bar.start(total, done)
      shown = true
      bar.update(done)
    },
    end() {
      if (shown) bar.stop()
    },
  }
}
