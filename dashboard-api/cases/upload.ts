import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Request, Response } from 'express'
import multer, { MulterError } from 'multer'
import sharp from 'sharp'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'

/** A phone's photo at full size has 3–12 MB. */
export const MAX_UPLOAD_BYTES = 20 * 1024 * 1024
/** Larger pictures only serve to fill the memory of who opens them. */
const MAX_PIXELS = 100_000_000

const LEFTOVER_MS = 3_600_000

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
}

export interface Upload {
  readonly path: string
  readonly mediaType: string
  readonly bytes: number
  /** Without folders and control characters. */
  readonly name: string
  /** The other fields of the form. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Takes one multipart field `file` to a temporary file, hands it to `use`, and removes the file whatever happens. */
export type TakeUpload = <T>(
  request: Request,
  response: Response,
  use: (upload: Upload) => Promise<T>,
) => Promise<T>

export function createUploads(folder: string, clock: Clock): TakeUpload {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  removeLeftovers(folder, clock.now())
  const parse = multer({
    dest: folder,
    // Browsers send names in UTF-8; multer's default would garble Chinese ones.
    defParamCharset: 'utf8',
    limits: { fileSize: MAX_UPLOAD_BYTES, files: 1, fields: 4, fieldSize: 1_024, parts: 6, headerPairs: 50 },
  }).single('file')
  return async (request, response, use) => {
    await new Promise<void>((resolve, reject) => {
      parse(request, response, (error?: unknown) => {
        if (error === undefined || error === null) resolve()
        else reject(toUploadError(error))
      })
    })
    const { file } = request
    if (!file) {
      throw new SharpEyesError('invalid', 'file: send the picture as multipart/form-data in the field "file"')
    }
    try {
      const mediaType = await pictureType(file.path)
      return await use({
        path: file.path,
        mediaType,
        bytes: file.size,
        name: plainName(file.originalname),
        fields: { ...request.body },
      })
    } finally {
      await rm(file.path, { force: true })
    }
  }
}

/** What a process that was killed has left: uploads take minutes, not hours. Others may do the same at the same time. */
function removeLeftovers(folder: string, now: number): void {
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())) {
    const path = join(folder, name)
    const facts = statSync(path, { throwIfNoEntry: false })
    if (facts && now - facts.mtimeMs > LEFTOVER_MS) rmSync(path, { force: true })
  }
}

/** The parser's plain errors are the sender's: a form that breaks off, a header that is none. Ours have a code. */
function toUploadError(error: unknown): Error {
  if (error instanceof MulterError) return error
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SharpEyesError('disk_full', 'the disk is full: the picture was not taken, try again later')
  }
  if (error instanceof Error && code !== undefined && code !== 'ECONNABORTED' && code !== 'ECONNRESET')
    return error
  return new SharpEyesError('bad_request', `the upload cannot be read: ${message ?? 'it broke off'}`)
}

/**
 * The type that the bytes really are, after decoding the whole picture: neither the name nor the sender's word counts.
 * Throws `invalid` for what no browser shows or nobody can decode.
 */
export async function pictureType(path: string): Promise<string> {
  const refused = (what: string, cause?: unknown) =>
    new SharpEyesError('invalid', `file: ${what}; send a JPEG, PNG or WebP picture`, {
      ...{ cause, details: { why: 'not_picture' } },
    })
  let format: string
  try {
    const options = { limitInputPixels: MAX_PIXELS, failOn: 'error' } as const
    format = (await sharp(path, options).metadata()).format
    // Known before decoding: what it is not, and HEIC, which the decoder lacks the licence for.
    if (!MEDIA_TYPES[format]) throw refused(`this is ${format}`)
    // A small copy needs every byte of the file decoded, and little memory.
    await sharp(path, options).resize(16, 16, { fit: 'fill' }).raw().toBuffer()
  } catch (error) {
    if (error instanceof SharpEyesError) throw error
    throw refused('this is no picture that can be decoded', error)
  }
  return MEDIA_TYPES[format] as string
}

export function plainName(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? ''
  const clean = base.replaceAll(/\p{C}/gu, '').trim()
  return [...clean].slice(0, 120).join('') || 'picture'
}
