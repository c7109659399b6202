import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { parsePss, parseStat, processTree, treeSeconds } from '../../app/bench/proc.ts'
import { median, quantile } from '../../app/bench/statistics.ts'

const LINE =
  '4321 (tmux: (a) b) S 17 4321 4321 0 -1 4194560 900 800 0 0 150 50 30 20 20 0 1 0 5000 1000 10 18446744073709551615'

test('a stat line is read past a name with spaces and parentheses', () => {
  expect(parseStat(LINE)).toEqual({
    pid: 4321,
    parent: 17,
    name: 'tmux: (a) b',
    ownSeconds: 2,
    endedChildrenSeconds: 0.5,
  })
})

test.each(['', 'not a line', '12 (a) S', '(a) S 1 2 3'])('what is no stat line is refused: %j', (text) => {
  expect(() => parseStat(text)).toThrow(/not a line/)
})

test('Pss is kilobytes, and a process without memory has none', () => {
  expect(parsePss('Rss:  900 kB\nPss:                 512 kB\nPss_Dirty:  1 kB\n')).toBe(512 * 1_024)
  expect(parsePss('')).toBe(0)
})

test.runIf(process.platform === 'linux')(
  'time of a child is its tree’s, while it lives and after it',
  async () => {
    const busy =
      'const end = performance.now() + 300; while (performance.now() < end); process.stdin.resume()'
    const parent = process.pid
    const before = treeSeconds(await processTree(parent))
    const child = spawn(process.execPath, ['-e', `${busy}; console.log('done')`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const exited = once(child, 'exit')
    await once(child.stdout, 'data')
    const tree = await processTree(parent)
    expect(tree.map((sample) => sample.pid)).toContain(child.pid)
    const living = treeSeconds(tree)
    child.kill('SIGKILL')
    await exited
    const after = await processTree(parent)
    expect(after.map((sample) => sample.pid)).not.toContain(child.pid)
    expect(living).toBeGreaterThan(before)
    expect(treeSeconds(after)).toBeGreaterThanOrEqual(living)
    expect(await processTree(child.pid ?? 0)).toEqual([])
  },
)

test('quantiles interpolate and do not depend on the order', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(quantile([10, 0], 0.95)).toBeCloseTo(9.5)
  expect(() => median([])).toThrow(/nothing was measured/)
})
