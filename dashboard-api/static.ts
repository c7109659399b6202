import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import express, { type RequestHandler, type Router } from 'express'
import { SharpEyesError } from '../core/errors.ts'

const FOR_EVER = { immutable: true, maxAge: '1y' } as const
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}
const ENCODINGS = [
  { encoding: 'br', ending: '.br' },
  { encoding: 'gzip', ending: '.gz' },
] as const

/** Scripts and styles as the build has packed them (web/compressed.ts), for browsers that take them so. */
function packed(assets: string): RequestHandler {
  return (request, response, next) => {
    // One folder, one name: nothing here leads anywhere else.
    const [, name, kind] = /^\/([\w.-]+\.(js|css))$/.exec(request.path) ?? []
    if (name === undefined || kind === undefined) return next()
    response.vary('Accept-Encoding')
    const found = ENCODINGS.find(
      ({ encoding, ending }) =>
        request.acceptsEncodings(encoding) === encoding && existsSync(join(assets, name + ending)),
    )
    if (!found) return next()
    response.setHeader('Content-Encoding', found.encoding)
    response.setHeader('Content-Type', TYPES[kind] ?? 'application/octet-stream')
    response.sendFile(name + found.ending, { root: assets, ...FOR_EVER }, (error) => {
      if (!error) return
      response.removeHeader('Content-Encoding')
      next(error)
    })
  }
}

/** The built browser app: files with a hash in their name are kept for ever, the page itself is always asked again. */
export function createStatic(folder: string): Router {
  const router = express.Router()
  const index = join(folder, 'index.html')
  const assets = join(folder, 'assets')
  router.use('/assets', packed(assets))
  router.use('/assets', express.static(assets, { ...FOR_EVER, index: false, redirect: false }))
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
