import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PRESETS } from '../../core/config/presets.ts'
import { ruleSchema } from '../../core/config/rule.ts'
import { createSchedule } from '../../inference/rules/schedule.ts'
import { createRule } from '../../inference/rules/table.ts'
import { loadRuleSet } from '../../inference/watch/presets.ts'

test.each(Object.entries(PRESETS))('the set %s is valid, complete and buildable', (_, set) => {
  const types = set.rules.map((rule) => rule.type)
  expect(types).toEqual(expect.arrayContaining(['fire', 'smoke', 'camera_covered', 'camera_frozen']))
  for (const rule of set.rules) {
    expect(ruleSchema.parse(rule)).toEqual(rule)
    expect(createRule(rule, { zones: set.zones, privacy: [] })?.version).toMatch(
      new RegExp(`^${rule.type}/\\d+$`),
    )
  }
})

test('a file of rules; its faults are named with line and key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rules-'))
  try {
    const file = join(folder, 'rules.yaml')
    await writeFile(
      file,
      'zones: { lane: [[0, 0.5], [1, 0.5], [1, 1]] }\nrules:\n  - { id: a, type: lane_blocked, zone: lane, for: 15s }\n',
    )
    expect(await loadRuleSet(file)).toMatchObject({ rules: [{ id: 'a', for: 15_000 }] })
    await writeFile(file, 'rules:\n  - { id: a, type: lane_blocked, zone: lane }\n')
    await expect(loadRuleSet(file)).rejects.toThrow(
      /rules\.yaml:2:\d+: rules\.0\.zone: zone "lane" is not drawn/,
    )
    await expect(loadRuleSet(join(folder, 'absent.yaml'))).rejects.toThrow(
      /sets: street, environment, kitchen/,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('hours run over midnight, in the zone of the city, also when its clocks change', () => {
  const night = createSchedule('22:00-06:00', 'Asia/Shanghai')
  expect(night(Date.parse('2026-03-01T14:00:00Z'))).toBe(true)
  expect(night(Date.parse('2026-03-01T21:59:00Z'))).toBe(true)
  expect(night(Date.parse('2026-03-01T22:00:00Z'))).toBe(false)
  expect(night(Date.parse('2026-03-01T13:59:00Z'))).toBe(false)
  const berlin = createSchedule('01:00-24:00', 'Europe/Berlin')
  expect(berlin(Date.parse('2026-03-28T23:30:00Z'))).toBe(false)
  expect(berlin(Date.parse('2026-03-29T01:00:00Z'))).toBe(true)
  expect(createSchedule(null, 'Europe/Berlin')(0)).toBe(true)
})
