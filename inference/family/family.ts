/** A length of a tensor's axis: a number, or the name that the export gave to an axis it left open. */
export type Axis = number | string

export interface TensorShape {
  readonly name: string
  /** Element type as ONNX Runtime names it, for example `float32` or `int64`. */
  readonly type: string
  readonly shape: readonly Axis[]
}

/** What a graph takes and gives: all that a decoder family is recognised by. */
export interface Graph {
  readonly inputs: readonly TensorShape[]
  readonly outputs: readonly TensorShape[]
  /** `metadata_props` of the file. Ultralytics writes `task`, `names` and `imgsz` there, models/train `input.width` and `input.height`. */
  readonly metadata: Readonly<Record<string, string>>
}

/** How a picture is laid into the model's input. */
export type Resize =
  | { readonly kind: 'stretch' }
  /**
   * Keeps the aspect ratio; `pad` (0..255) fills what is left over. `trim`, for a graph of open size with the picture at the top
   * left: what is left over right and below is cut off down to a multiple of it, since a network spends on padding what it spends on picture.
   */
  | {
      readonly kind: 'letterbox'
      readonly place: 'top-left' | 'centred'
      readonly pad: number
      readonly trim?: number | undefined
    }

/** What the model wants as its input: NCHW, float32, one picture. */
export interface InputSpec {
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Order of the three channel planes. */
  readonly order: 'RGB' | 'BGR'
  /** Range of a channel value before `mean` and `std`. */
  readonly range: '0-255' | '0-1'
  /** Subtracted, then divided by: in the units of `range` and the order of `order`. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  readonly resize: Resize
}

export interface Thresholds {
  /** Lowest score that counts as found, 0..1. */
  readonly score: number
  /** Operating points of labels that have one of their own, 0..1. */
  readonly byLabel?: Readonly<Record<string, number>> | undefined
  /** Of two boxes of one label that overlap by more than this intersection over union the weaker one goes, 0..1. */
  readonly nmsIou: number
}

export interface FamilyDefaults {
  readonly input: Omit<InputSpec, 'width' | 'height'>
  /** Used where the graph leaves width and height open. */
  readonly size: { readonly width: number; readonly height: number }
  readonly thresholds: Thresholds
  /** Names that come with the family itself (a face detector finds faces). */
  readonly labels?: readonly string[]
}

interface TensorData {
  readonly dims: readonly number[]
  readonly data: Float32Array | BigInt64Array | Int32Array
}
export type Outputs = Readonly<Record<string, TensorData>>

/** One box as the network says it: pixels of the model's input, not yet clipped, before suppression. */
export interface RawBox {
  readonly classId: number
  readonly score: number
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface DecodeContext {
  readonly width: number
  readonly height: number
  /** Boxes below it are left out. */
  readonly minScore: number
  /** Names of the outputs in the order of the graph. */
  readonly outputNames: readonly string[]
}

export interface Recognition {
  readonly yes: boolean
  /** What was seen, for `models inspect` and for the message about an unknown family. */
  readonly why: string
}

/**
 * One way in which detectors write their boxes down. A family is a file of its own and a line in `table.ts`; it holds
 * pure functions over typed arrays and knows nothing of sessions.
 */
export interface Family {
  readonly name: string
  /** Suppression of overlapping boxes is still to be done (false: the network says each thing once). */
  readonly needsNms: boolean
  recognise(graph: Graph): Recognition
  /** Number of classes that the graph scores (without a background class); null where the shape does not say. */
  classCount(graph: Graph): number | null
  defaults(graph: Graph): FamilyDefaults
  /** Names of the outputs that scores are read from; absent, or null where the shapes do not say: all may be. */
  scoreOutputs?(graph: Graph): readonly string[] | null
  /** Values of a second input, by name, for a model input of `size`. */
  extraInputs?(size: {
    width: number
    height: number
  }): Readonly<Record<string, { readonly dims: readonly number[]; readonly data: BigInt64Array }>>
  /** Throws `model_invalid` when an output is missing or has another shape than the family has. */
  decode(outputs: Outputs, context: DecodeContext): readonly RawBox[]
}
