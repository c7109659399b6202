import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import type { Truth } from '../../inference/evaluation/evaluate.ts'

/** Pictures that a person has labelled: `images/`, `labels/` (YOLO), `classes.txt`. */
export interface LabelledSet {
  /** Names of `classes.txt`, by number. */
  readonly classes: readonly string[]
  /** By name. A picture without a label file, or with an empty one, shows nothing of these classes. */
  readonly pictures: readonly { readonly file: string; readonly truth: readonly Truth[] }[]
}

const PICTURE = /\.(jpe?g|png|webp)$/i

/** Reads a folder of labelled pictures. Throws `bad_request` with file, line and the way out. */
export async function readLabelled(folder: string): Promise<LabelledSet> {
  const classes = (await readText(join(folder, 'classes.txt'), 'a class a line'))
    .split(/\r?\n/)
    .map((name) => name.trim())
    .filter((name, index, all) => name !== '' || all.slice(index).some((later) => later !== ''))
  const images = join(folder, 'images')
  const names = (await readdir(images).catch((cause) => refuse(`${images}: ${reasonOf(cause)}`, cause)))
    .filter((name) => PICTURE.test(name))
    .toSorted()
  if (names.length === 0) refuse(`${images} holds no picture (jpg, png, webp)`)
  const pictures = []
  for (const name of names) {
    const labels = join(folder, 'labels', `${basename(name, extname(name))}.txt`)
    pictures.push({ file: join(images, name), truth: await readTruth(labels, classes) })
  }
  return { classes, pictures }
}

async function readTruth(file: string, classes: readonly string[]): Promise<readonly Truth[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    return refuse(`${file}: ${reasonOf(cause)}`, cause)
  })
  return text.split(/\r?\n/).flatMap((line, index): Truth[] => {
    if (line.trim() === '') return []
    const values = line.trim().split(/\s+/).map(Number)
    const [number = Number.NaN, x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN] =
      values
    const label = classes[number]
    if (values.length !== 5 || [x, y, width, height].some((value) => !(value >= 0 && value <= 1)))
      refuse(`${file}:${index + 1}: "${line.trim()}" is not "class x y width height" with shares from 0 to 1`)
    if (label === undefined || label === '')
      return refuse(
        `${file}:${index + 1}: class ${number} is not in classes.txt, which has ${classes.length}`,
      )
    return [{ label, box: [x - width / 2, y - height / 2, x + width / 2, y + height / 2] }]
  })
}

const readText = (file: string, what: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause) => refuse(`${file}: ${reasonOf(cause)}; wants ${what}`, cause))

const reasonOf = (cause: NodeJS.ErrnoException): string =>
  cause.code === 'ENOENT' ? 'is not there' : `cannot be read (${cause.code})`

function refuse(message: string, cause?: unknown): never {
  throw new SharpEyesError('bad_request', message, { cause })
}
