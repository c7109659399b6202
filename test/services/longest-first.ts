import { relative, resolve } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const ROOT = resolve(import.meta.dirname, '../..')

/**
 * Files that take longest, in this order, by what they took beside another worker on two cores. What begins last ends last:
 * one that takes minutes and begins near the end leaves the other worker without work. The story of faults is among them,
 * since it waits more than it computes.
 */
const LONGEST = [
  'test/faults/chaos.service.test.ts',
  'test/e2e/desks/pages.service.test.ts',
  'test/e2e/deployment.service.test.ts',
  'test/e2e/desks/states.service.test.ts',
  'test/e2e/desk.service.test.ts',
  'test/adapters/kafka.service.test.ts',
  'test/e2e/first-run.service.test.ts',
]

/** Vitest's own order is by size: a short file of many films or kills would come last. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(relative(ROOT, moduleId))
      return at === -1 ? LONGEST.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}
