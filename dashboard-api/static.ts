import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import express, { type Router } from 'express'
import { SharpEyesError } from '../core/errors.ts'

/** The built browser app: files with a hash in their name are kept for ever, the page itself is always asked again. */
export function createStatic(folder: string): Router {
  const router = express.Router()
  const index = join(folder, 'index.html')
  router.use(
    '/assets',
    express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false, redirect: false }),
  )
  router.use(express.static(folder, { index: false, redirect: false, maxAge: 0 }))
  // Addresses of the app (/alerts/…, /cases/…) are the page's own business. A missing file stays a 404: a page in
  // place of a script is the hardest fault to find.
  router.get('/{*path}', (request, response, next) => {
    if (
      request.path.startsWith('/api/') ||
      request.path.startsWith('/assets/') ||
      extname(request.path) !== ''
    ) {
      return next()
    }
    if (!existsSync(index)) {
      throw new SharpEyesError(
        'not_ready',
        'the browser app is not built yet: run "npm run web:build", then load this page again',
      )
    }
    response.setHeader('Cache-Control', 'no-cache')
    response.sendFile(index, { cacheControl: false, dotfiles: 'allow' })
  })
  return router
}
