import { apiUrl } from '../../api/http.ts'
import { networkError, problemError } from '../../api/problem.ts'
import { changePhoto } from '../store/work.ts'
import type { PieceSender } from './api.ts'
import { progress } from './progress.ts'

const PIECE_BYTES = 512 * 1024
/** What a proxy or an older server says that does not speak tus. */
const NOT_SPOKEN = [404, 405, 412, 501]

/** Pieces by tus: goes on where the last try ended, also after the page was closed. */
export const sendPieces: PieceSender = async (no, photo) => {
  const { Upload } = await import('tus-js-client')
  return new Promise((resolve, reject) => {
    const upload = new Upload(photo.blob, {
      endpoint: apiUrl(`/cases/${encodeURIComponent(no)}/uploads`),
      uploadUrl: photo.upload,
      headers: { 'X-Sharp-Eyes': '1' },
      chunkSize: PIECE_BYTES,
      retryDelays: [500, 2_000],
      storeFingerprintForResuming: false,
      onUploadUrlAvailable: () => void changePhoto(photo.id, { upload: pathOf(upload.url) }),
      onProgress: (sent, all) => progress.set({ photo: photo.id, share: all > 0 ? sent / all : 0 }),
      onSuccess: () => resolve(pathOf(upload.url) ?? ''),
      onError: (error) => {
        const response = 'originalResponse' in error ? error.originalResponse : null
        if (!response) return reject(networkError(error))
        const status = response.getStatus()
        const problem = problemError(status, parsed(response.getBody()))
        const spoken = !NOT_SPOKEN.includes(status) || problem.code === 'not_found'
        reject(spoken ? problem : problemError(status, { ...MISDIRECTED, status }))
      },
    })
    upload.start()
  })
}

const MISDIRECTED = { type: '', title: 'the pieces found no process', code: 'misdirected' }

const pathOf = (url: string | null): string | null => (url ? new URL(url, location.href).pathname : null)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // a proxy's page
  }
}
