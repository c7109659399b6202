import { modelInvalid } from '../../core/model-fault.ts'
import type { RunningDetector } from '../../inference/worker/detector.ts'

/**
 * The detector without the classes that the site does not use: what it finds of them nobody sees, and the types that need them
 * are unavailable for the given reason. Throws `model_invalid` for a class that the model lacks: a slip would leave one in use.
 */
export function withoutLabels(
  detector: RunningDetector,
  unused: Readonly<Record<string, string>>,
): RunningDetector {
  const names = new Set(Object.keys(unused))
  if (names.size === 0) return detector
  for (const label of names)
    if (!detector.labels.includes(label))
      throw modelInvalid(
        'default_file',
        `unused.${label}: is no class of ${detector.model.id}; its classes: ${detector.labels.join(', ')}`,
      )
  const used = <D extends { readonly label: string }>(found: readonly D[]) =>
    found.filter(({ label }) => !names.has(label))
  return {
    ...detector,
    unused,
    unfiltered: detector,
    labels: detector.labels.filter((label) => !names.has(label)),
    async detect(frame) {
      const found = await detector.detect(frame)
      return found && used(found)
    },
    async *detectAll(frames) {
      for await (const { frame, detections } of detector.detectAll(frames))
        yield { frame, detections: used(detections) }
    },
  }
}
