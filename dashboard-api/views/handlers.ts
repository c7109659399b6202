import type { SavedView } from '../../core/api/case-lists.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Handlers } from '../http/route.ts'
import type { viewRoutes } from './routes.ts'

const MAX_VIEWS = 20

/** A person's own; nobody else reads them. */
export function viewHandlers(deps: { database: Database; clock: Clock }): Handlers<typeof viewRoutes> {
  const { database, clock } = deps
  const read = async (tx: Queryable, person: string, page: string) => {
    const { rows } = await tx.query<SavedView>(
      'select name, query from saved_views where person = $1 and page = $2 order by name',
      [person, page],
    )
    return { items: rows }
  }
  return {
    savedViews: ({ params, actor }) => read(database, actor.name, params.page),
    async saveView({ params, actor, body }) {
      const { name, query } = body()
      return database.transaction(async (tx) => {
        // One at a time for each person: the limit holds also when two tabs save at once.
        await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 17))', [
          `${actor.name}/${params.page}`,
        ])
        await tx.query(
          `insert into saved_views (person, page, name, query, saved_at) values ($1, $2, $3, $4, $5)
           on conflict (person, page, name) do update set query = excluded.query, saved_at = excluded.saved_at`,
          [actor.name, params.page, name, query, new Date(clock.now())],
        )
        const views = await read(tx, actor.name, params.page)
        if (views.items.length > MAX_VIEWS)
          throw new SharpEyesError(
            'invalid',
            `name: ${MAX_VIEWS} views of a page are kept; forget one first`,
            {
              details: { why: 'too_many_views', most: MAX_VIEWS },
            },
          )
        return views
      })
    },
    async removeView({ params, actor, body }) {
      await database.query('delete from saved_views where person = $1 and page = $2 and name = $3', [
        actor.name,
        params.page,
        body().name,
      ])
      return read(database, actor.name, params.page)
    },
  }
}
