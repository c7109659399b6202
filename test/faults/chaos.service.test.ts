import { describe, expect, it } from 'vitest'
import { missingService, onPath } from '../support/services.ts'
import { siteFolder } from '../support/site.ts'
import { runChaos } from './chaos/chaos.ts'
import { makeSchedule } from './chaos/schedule.ts'

const KILLS = 20
const steps: string[] = []

describe.skipIf(
  missingService('Java (apt: default-jre-headless)', onPath('java')) ||
    missingService('Maven (apt: maven)', onPath('mvn')),
)('a site whose parts are killed and frozen under load', () => {
  it('keeps every promise', { timeout: 1_200_000 }, async () => {
    await using folder = await siteFolder()
    const report = await runChaos({
      ...{ folder: folder.path, seed: 20_261_125, kills: KILLS, longAwayMs: 0 },
      onStep: (text) => steps.push(text),
    })
    expect({ broken: report.findings.filter(({ broken }) => broken.length > 0), lost: report.lost }).toEqual({
      broken: [],
      lost: [],
    })
    // A check that looked at nothing proves nothing.
    for (const { rule, checked } of report.findings)
      if (!rule.startsWith('every hole')) expect(checked, rule).toBeGreaterThan(0)
  })
})

it('the same seed makes the same story, and every part has its turn', () => {
  const parts = ['kafka', 'postgres', 'api-1', 'worker-1']
  const options = { seed: 7, kills: 40, parts, maxAwayMs: 5_000, longAwayMs: 60_000 }
  const story = makeSchedule(options)
  expect(makeSchedule(options)).toEqual(story)
  expect(makeSchedule({ ...options, seed: 8 })).not.toEqual(story)
  expect(story).toHaveLength(42)
  for (const part of parts)
    expect(story.filter((fault) => fault.part === part).length).toBeGreaterThanOrEqual(10)
})
