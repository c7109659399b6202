import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import type { Truth } from '../../inference/evaluation/evaluate.ts'

/** Pictures that a person has labelled: `images/`, `labels/` (YOLO), `classes.txt`. */
export interface LabelledSet {
  /** Names of `classes.txt`, by number; '' for a blank line, which has a number too. */
  readonly classes: readonly string[]
  /** By name. A picture without a label file, or with an empty one, shows nothing of these classes. */
  readonly pictures: readonly { readonly file: string; readonly truth: readonly Truth[] }[]
  /** What was passed over or is taken for something that it may not be: each may change a figure. */
  readonly warnings: readonly string[]
}

const PICTURE = /\.(jpe?g|png|webp)$/i
/** Exports round: a side that ends this share of the picture beyond it is still one of it (Ultralytics takes as much). */
const ROUNDING = 0.01
const MOST_NAMES = 3

const LAYOUT =
  'images/ (jpg, png, webp), labels/ (YOLO text, one .txt a picture) and classes.txt (a class name a line)'

/** Reads a folder of labelled pictures, as `--data` names it. Throws `bad_request` with file, line and the way out. */
export async function readLabelled(folder: string): Promise<LabelledSet> {
  const isFolder = await stat(folder).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
  if (!isFolder) refuse(`--data ${folder}: is no folder; name one that holds ${LAYOUT}`)
  const classes = (await readText(join(folder, 'classes.txt'), `; --data wants a folder with ${LAYOUT}`))
    .split(/\r?\n/)
    .map((name) => name.trim())
    .filter((name, index, all) => name !== '' || all.slice(index).some((later) => later !== ''))
  const images = join(folder, 'images')
  const labels = join(folder, 'labels')
  const inImages = await namesIn(images)
  const names = inImages.filter((name) => PICTURE.test(name))
  if (names.length === 0)
    refuse(
      `--data ${folder}: images/ holds no picture; put jpg, png or webp files there, or name another folder`,
    )
  const inLabels = await namesIn(labels, true)
  const written = new Set(inLabels)
  const labelOf = (name: string) => `${basename(name, extname(name))}.txt`
  const pictures = []
  const flat: string[] = []
  for (const name of names) {
    const file = join(labels, labelOf(name))
    const truth = written.has(labelOf(name)) ? await readTruth(file, classes) : []
    if (truth.some(({ box: [left, top, right, bottom] }) => right <= left || bottom <= top)) flat.push(file)
    pictures.push({ file: join(images, name), truth })
  }
  const wanted = new Set(names.map(labelOf))
  const warnings = [
    told(
      inImages.filter((name) => !PICTURE.test(name)),
      `of ${images} left out, as no jpg, png or webp`,
    ),
    inLabels === NONE
      ? `${labels} is not there: every picture counts as one without a box`
      : told(
          names.filter((name) => !written.has(labelOf(name))),
          `of ${images} without a file in labels/ taken for pictures without a box`,
        ),
    told(
      inLabels.filter((name) => !wanted.has(name) && name !== 'classes.txt'),
      `of ${labels} left out, as no picture of that name is in images/`,
    ),
    told(flat, 'with a box of no width or height, which counts and can never be found'),
  ].filter((warning) => warning !== null)
  return { classes, pictures, warnings }
}

/** `3 of DIR left out: a, b, c`; null without any. */
function told(names: readonly string[], what: string): string | null {
  if (names.length === 0) return null
  const rest = names.length - MOST_NAMES
  const shown = names.slice(0, MOST_NAMES).join(', ')
  return `${names.length} ${what}: ${shown}${rest > 0 ? ` and ${rest} more` : ''}`
}

async function readTruth(file: string, classes: readonly string[]): Promise<readonly Truth[]> {
  return (await readText(file)).split(/\r?\n/).flatMap((line, index): Truth[] => {
    const text = line.trim()
    if (text === '') return []
    const at = `${file}:${index + 1}`
    const words = text.split(/\s+/)
    const [number = Number.NaN, x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN] =
      words.map(Number)
    if (words.length !== 5)
      refuse(
        `${at}: has ${words.length} values, but a box is "class x y width height"; a score is left out, an outline made into the box around it`,
      )
    if ([x, y, width, height].some((value) => !(value >= -ROUNDING && value <= 1 + ROUNDING)))
      refuse(
        `${at}: "${text}" is not "class x y width height" with shares from 0 to 1; pixels are divided by the width and height of the picture`,
      )
    const label = classes[number]
    if (label === undefined)
      return refuse(
        `${at}: class ${words[0]} is not in classes.txt, which has ${classes.length}, counted from 0; correct the number or add its name`,
      )
    if (label === '')
      return refuse(`${at}: class ${number} is line ${number + 1} of classes.txt, which is blank; name it`)
    return [{ label, box: [x - width / 2, y - height / 2, x + width / 2, y + height / 2] }]
  })
}

const NONE: readonly string[] = []

/** Names of a folder in order, without hidden files. `NONE` itself where it is not there and may be missing. */
async function namesIn(folder: string, mayMiss = false): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted()
  } catch (cause) {
    if (mayMiss && (cause as NodeJS.ErrnoException).code === 'ENOENT') return NONE
    return refuse(
      `${folder}: ${reasonOf(cause as NodeJS.ErrnoException)}; --data wants a folder with ${LAYOUT}`,
      cause,
    )
  }
}

async function readText(file: string, wants = ''): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause) =>
    refuse(`${file}: ${reasonOf(cause)}${wants}`, cause),
  )
  if (text.includes('\0')) refuse(`${file}: is no UTF-8 text; save it as UTF-8`)
  return text
}

const reasonOf = (cause: NodeJS.ErrnoException): string =>
  cause.code === 'ENOENT' ? 'is not there' : `cannot be read (${cause.code})`

function refuse(message: string, cause?: unknown): never {
  throw new SharpEyesError('bad_request', message, { cause })
}
