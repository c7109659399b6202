import { send } from '../../api/http.ts'
import { toApiError } from '../../api/problem.ts'
import type { Photo } from '../store/types.ts'
import { changePhoto } from '../store/work.ts'
import { attachBody, commandBody, remarkBody } from './bodies.ts'
import type { FieldApi } from './send.ts'

/** Sends the bytes of a picture in pieces and answers the address of the upload. */
export type PieceSender = (no: string, photo: Photo) => Promise<string>

const once = (key: string) => ({ 'Idempotency-Key': `"${key}"` })
const casePath = (no: string) => `/cases/${encodeURIComponent(no)}`

/** `pieces`: how a page sends; null: in one piece, as a service worker does. */
export function createFieldApi(pieces: PieceSender | null): FieldApi {
  const inOnePiece = async (no: string, photo: Photo): Promise<string> => {
    await changePhoto(photo.id, { onePiece: true })
    const form = new FormData()
    form.append('phase', photo.phase)
    form.append('capturedAt', photo.takenAt ?? '')
    form.append('lon', photo.place ? String(photo.place.lon) : '')
    form.append('lat', photo.place ? String(photo.place.lat) : '')
    form.append('file', photo.blob, photo.name)
    const { id } = await send<{ id: string }>('POST', `${casePath(no)}/attachments`, form, once(photo.id))
    return id
  }
  const inPieces = async (no: string, photo: Photo, sender: PieceSender): Promise<string> => {
    // All pieces had arrived: perhaps the picture is attached already, and only the answer was lost.
    if (photo.uploaded && photo.upload) {
      try {
        return await attachUpload(photo.upload, photo)
      } catch (thrown) {
        if (toApiError(thrown).status !== 404) throw thrown
        if (toApiError(thrown).code === 'misdirected') return inOnePiece(no, photo)
        await changePhoto(photo.id, { upload: null, uploaded: false })
      }
    }
    try {
      const upload = await sender(no, photo)
      await changePhoto(photo.id, { upload, uploaded: true })
      return await attachUpload(upload, photo)
    } catch (thrown) {
      // Behind an address with several processes the pieces may not find their own again.
      if (toApiError(thrown).code !== 'misdirected') throw thrown
      return inOnePiece(no, photo)
    }
  }
  return {
    async attach(no, photo) {
      const id =
        photo.onePiece || (pieces === null && !photo.uploaded)
          ? await inOnePiece(no, photo)
          : await inPieces(no, photo, pieces ?? noPieces)
      await changePhoto(photo.id, { attachment: id })
      return id
    },
    async command(work, attachments) {
      await send('POST', `${casePath(work.no)}/commands`, commandBody(work, attachments), once(work.id))
    },
    async remark(work, attachments) {
      await send('POST', `${casePath(work.no)}/remarks`, remarkBody(work, attachments), once(work.id))
    },
  }
}

async function attachUpload(upload: string, photo: Photo): Promise<string> {
  const path = `${upload.replace(/^\/api/, '')}/attach`
  return (await send<{ id: string }>('POST', path, attachBody(photo), once(photo.id))).id
}

/** A worker whose finished upload is gone: the page goes on with it. */
const noPieces: PieceSender = () => Promise.reject(new Error('the pieces are sent by the page'))
