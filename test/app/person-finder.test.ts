import { expect, test } from 'vitest'
import { withoutLabels } from '../../app/models/without-labels.ts'
import { createPersonFinder } from '../../app/worker/person-finder.ts'
import type { Detection } from '../../core/frame.ts'
import type { RunningDetector } from '../../inference/worker/detector.ts'
import { scriptedDetector } from '../inference/drive.ts'

test('heads that the site does not use are still found to be masked', async () => {
  const face: Detection = { label: 'face_bare', score: 0.5, box: [0.4, 0.4, 0.5, 0.5] }
  const model = scriptedDetector(['fire', 'face_bare', 'person'], () => [face]) as RunningDetector
  const site = withoutLabels(model, { face_bare: 'no kitchen here', person: 'nobody is counted' })
  expect(site.labels).toEqual(['fire'])
  const finder = createPersonFinder(site)
  expect(finder?.labels).toContain('face_bare')
  expect(await finder?.find({ width: 8, height: 8, rgb: new Uint8Array(192) })).toEqual([face])
  expect(createPersonFinder(model)?.labels).toEqual(model.labels)
  expect(createPersonFinder(null)).toBeNull()
})
