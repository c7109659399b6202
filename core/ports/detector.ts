import type { Detection, Frame, ModelIdentity } from '../frame.ts'

export interface Detector {
  readonly model: ModelIdentity
  readonly labels: readonly string[]
  /** Lowest scores that count as found, by label, where its manifest names them. */
  readonly operatingPoints?: Readonly<Record<string, number>> | undefined
  /** Classes of the model that the site does not use, with the reason; `labels` and what is found are without them. */
  readonly unused?: Readonly<Record<string, string>> | undefined
  /** Things in the picture, best first. Throws when the model fails: never an empty answer instead. `null`: the frame
   * was dropped for a newer one of the same camera (counted). */
  detect(frame: Frame): Promise<readonly Detection[] | null>
  /** Frames wait for it: what can be left out is left out. */
  busy?(): boolean
}
