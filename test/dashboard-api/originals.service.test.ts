import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { originalsShape } from '../../core/api/originals.ts'
import { setPassword } from '../../dashboard-api/auth/credentials.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { missingService } from '../support/services.ts'
import type { Json } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, insertEvidence, picture } from './matters.ts'

let city: TestDashboard
const reason = '复核投诉'

beforeAll(async () => {
  city = await startDashboard({ webFolder: resolve(import.meta.dirname, '../../dashboard-api/web/dist') })
  await city.database.query(
    `update config_objects set body = body || '{"originals": "two_person"}' where kind = 'city'`,
  )
  await city.database.query(
    `insert into config_objects (kind, id, managed_by, version, body)
     values ('user', 'third', 'desk', 1, '{"name": "third", "roles": ["auditor"]}')`,
  )
  await setPassword(city.database, 'third', PASSWORD, { mustChange: false })
})
afterAll(() => city[Symbol.asyncDispose]())

async function sealedAlert(): Promise<string> {
  const id = await insertAlert(city.database)
  for (const variant of ['masked', 'original'] as const)
    await insertEvidence(city.database, city.evidenceStore, id, 'still', variant, await picture(64, 36))
  return id
}
const still = async (who: string, id: string, more = '') =>
  (await city.as(who)).get(`/api/alerts/${id}/still.jpg?variant=original${more}`)
const ask = async (who: string, what: object) =>
  (await city.as(who)).post('/api/originals', { ...what, reason })
const asked = async (who: string, what: object): Promise<string> => {
  const answer = await ask(who, what)
  expect(answer.status).toBe(201)
  return ((await answer.json()) as Json).id
}
const decide = async (who: string, id: string, approved = true) =>
  (await city.as(who)).post(`/api/originals/${id}/decision`, { approved, reason: '同意' })
const outcome = async (answer: Response) => [answer.status, ((await answer.json()) as Json).code]
const stateOf = async (id: string, who = 'investigator') =>
  (await (await city.as(who)).json('/api/originals')).items.find((item: Json) => item.id === id)
/** Who did what with the alert, in the table and in the change log. */
const seen = async (object: string) => {
  const { rows } = await city.database.query<{ who: string; what: string; reason: string }>(
    'select who, what, reason from looks where object = $1 order by id',
    [object],
  )
  const { rows: changes } = await city.database.query<{ payload: Json }>(
    "select payload from changes where topic = 'look' and key = $1 order by id",
    [object],
  )
  expect(
    changes.map(({ payload: { who, what, reason: why } }) => ({ who, what, reason: why ?? null })),
  ).toEqual(rows)
  return rows.map(({ who, what }) => `${who} ${what}`)
}

describe('where the city wants two persons', () => {
  test('one asks, another approves, and who asked opens it once', async () => {
    const alert = await sealedAlert()
    expect(await outcome(await still('investigator', alert, '&reason=complaint'))).toEqual([
      ...[403, 'approval_required'],
    ])
    expect(await seen(`alert:${alert}`)).toEqual([])
    const id = await asked('investigator', { alert })
    // Nobody decides the own request, and a second one changes nothing.
    expect(await outcome(await decide('investigator', id))).toEqual([403, 'forbidden'])
    expect(await outcome(await ask('investigator', { alert }))).toEqual([409, 'state_conflict'])
    expect(await stateOf(id)).toMatchObject({ state: 'pending', mayDecide: false, mayOpen: false, alert })
    expect(await stateOf(id, 'auditor')).toMatchObject({ mayDecide: true, mayOpen: false })
    expect((await still('investigator', alert)).status).toBe(403)
    expect((await decide('auditor', id)).status).toBe(200)
    // The approval is of the one who asked, and of this alert.
    expect((await still('auditor', alert)).status).toBe(403)
    expect((await still('investigator', await sealedAlert())).status).toBe(403)
    for (let part = 0; part < 2; part++) expect((await still('investigator', alert)).status).toBe(200)
    expect(await stateOf(id)).toMatchObject({ state: 'opened', mayOpen: true, decidedBy: 'auditor' })
    await city.database.query(
      "update original_requests set opened_at = now() - interval '11 minutes' where id = $1",
      [id],
    )
    expect((await still('investigator', alert)).status).toBe(403)
    expect(await stateOf(id)).toMatchObject({ state: 'used', mayOpen: false })
    expect(await seen(`alert:${alert}`)).toEqual([
      'investigator original_request',
      'auditor original_approval',
      'investigator original',
      'investigator original',
    ])
    const { rows } = await city.database.query<{ payload: Json }>(
      "select payload from changes where key = $1 and payload ->> 'what' = 'original'",
      [`alert:${alert}`],
    )
    expect(rows[0]?.payload).toMatchObject({ request: id, approvedBy: 'auditor', reason })
    // Another opening is asked for anew.
    expect((await ask('investigator', { alert })).status).toBe(201)
  })

  test('a refusal opens nothing; those without the right neither ask nor decide', async () => {
    const alert = await sealedAlert()
    const id = await asked('auditor', { alert })
    expect((await decide('investigator', id, false)).status).toBe(200)
    expect(await stateOf(id)).toMatchObject({ state: 'refused', decisionReason: '同意' })
    expect((await still('auditor', alert)).status).toBe(403)
    expect(await outcome(await decide('third', id))).toEqual([409, 'state_conflict'])
    for (const who of ['operator', 'officer', 'admin']) {
      expect((await ask(who, { alert })).status).toBe(403)
      expect((await decide(who, id)).status).toBe(403)
      expect(await outcome(await still(who, alert))).toEqual([403, 'forbidden'])
    }
    expect(
      await outcome(await ask('investigator', { alert: '00000000-0000-4000-8000-000000000000' })),
    ).toEqual([...[404, 'not_found']])
    expect(await outcome(await ask('investigator', { alert, case: '2026-000001' }))).toEqual([422, 'invalid'])
  })

  test('of two who decide in the same moment one wins, and one decision is written', async () => {
    const alert = await sealedAlert()
    const id = await asked('investigator', { alert })
    const answers = await Promise.all([
      ...[decide('auditor', id), decide('third', id, false), decide('auditor', id), decide('third', id)],
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    const decisions = (await seen(`alert:${alert}`)).filter((look) => !look.endsWith('original_request'))
    expect(decisions).toHaveLength(1)
    const won = answers.find(({ status }) => status === 200)
    const told: Json = await won?.json()
    expect(await stateOf(id)).toMatchObject({ decidedBy: told.decidedBy, state: told.state })
  })

  test('two clicks are one request', async () => {
    const alert = await sealedAlert()
    const answers = await Promise.all([ask('investigator', { alert }), ask('investigator', { alert })])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  test('what expires while it is decided stays undecided; an approval that expired opens nothing', async () => {
    const alert = await sealedAlert()
    const id = await asked('investigator', { alert })
    // The row is held by who expires it; the decision waits for it and finds it expired.
    const deciding = await city.database.transaction(async (tx) => {
      await tx.query(
        "update original_requests set requested_at = now() - interval '25 hours', expires_at = now() - interval '1 hour' where id = $1",
        [id],
      )
      const answer = decide('auditor', id)
      await expect
        .poll(
          async () =>
            (
              await city.database.query(
                "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%original_requests%'",
              )
            ).rowCount,
          { timeout: 60_000 },
        )
        .toBeGreaterThan(0)
      return { answer }
    })
    expect(await outcome(await deciding.answer)).toEqual([409, 'state_conflict'])
    expect(await stateOf(id)).toMatchObject({ state: 'expired', decidedBy: null })
    expect(await seen(`alert:${alert}`)).toEqual(['investigator original_request'])

    const second = await asked('investigator', { alert })
    expect((await decide('auditor', second)).status).toBe(200)
    await city.database.query(
      "update original_requests set requested_at = now() - interval '25 hours', expires_at = now() where id = $1",
      [second],
    )
    expect(await outcome(await still('investigator', alert))).toEqual([403, 'approval_required'])
    expect(await stateOf(second)).toMatchObject({ state: 'expired', mayOpen: false })
  })

  test('an approval for a case opens the originals of its alert', async () => {
    const alert = await sealedAlert()
    const operator = await city.as('operator')
    const { no } = (await (await operator.post('/api/cases', { alertId: alert })).json()) as Json
    const id = await asked('investigator', { case: no })
    expect(await stateOf(id)).toMatchObject({ kind: 'case', object: no, caseNo: no, alert })
    expect((await stateOf(id)).owner).toMatchObject({
      kind: 'case',
      id: no,
      type: 'plume',
      camera: 'works-chimney',
    })
    await decide('auditor', id)
    expect((await still('investigator', alert)).status).toBe(200)
    expect(await seen(`case:${no}`)).toEqual(['investigator original_request', 'auditor original_approval'])
    expect(await seen(`alert:${alert}`)).toEqual(['investigator original'])
  })

  test('what is sealed is named by type, place and time', async () => {
    const openedAt = new Date('2026-11-20T02:41:07.000Z')
    const alert = await insertAlert(city.database, { openedAt, camera: 'kitchen', type: 'no_hat' })
    const recording = randomUUID()
    await city.database.query(
      `insert into kept_recordings (id, camera, from_at, to_at, reason, kept_by)
       values ($1, 'works-chimney', $2, $3, '存证', 'operator')`,
      [recording, openedAt, new Date(openedAt.getTime() + 60_000)],
    )
    const told = await (await ask('investigator', { alert })).json()
    const kitchen = { camera: 'kitchen', cameraName: { zh: '后厨' }, from: openedAt.toISOString(), to: null }
    expect(told).toMatchObject({ owner: { kind: 'alert', id: alert, type: 'no_hat', ...kitchen } })
    const id = await asked('investigator', { recording })
    expect((await stateOf(id)).owner).toMatchObject({
      ...{
        kind: 'recording',
        id: recording,
        type: null,
        cameraName: { zh: '三号烟囱' },
        address: '学府路 1 号',
      },
      to: '2026-11-20T02:42:07.000Z',
    })
    originalsShape.parse(await (await city.as('auditor')).json('/api/originals'))
  })
})

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('in a browser', () => {
  test('one asks from the alert, another sees the count and approves, who asked opens it', {
    timeout: 180_000,
  }, async () => {
    ensureWebApp()
    const alert = await sealedAlert()
    await using browser = await launchChromium()
    const open = async (name: string, path: string) => {
      const page = await openPage(browser, city.url)
      await page.goto(`/login?next=${encodeURIComponent(path)}`)
      await page.getByLabel('用户名').fill(name)
      await page.getByLabel('密码').fill(PASSWORD)
      await page.getByRole('button', { name: '登录', exact: true }).click()
      return page
    }
    const asking = await open('investigator', `/alerts/${alert}`)
    const request = (page: Page) =>
      page.getByRole('list', { name: '全部申请' }).getByRole('listitem').filter({ hasText: '信访件 88 号' })
    await step(browser, 'one asks', async () => {
      await asking.getByRole('link', { name: '申请查看原图' }).click()
      // Named as the list names it: type and camera, the id is the link's title.
      const named = asking
        .locator('#main')
        .getByRole('region', { name: '申请查看原图' })
        .locator('.owner-line')
      await named.getByText('三号烟囱', { exact: true }).waitFor()
      expect(await named.getByRole('link', { name: '黑烟', exact: true }).getAttribute('title')).toBe(alert)
      await asking.getByLabel('为什么需要看原图').fill('信访件 88 号')
      await asking.getByRole('button', { name: /^提交申请/ }).click()
      await request(asking).getByText('待批准').waitFor()
      await request(asking).getByText('三号烟囱', { exact: true }).waitFor()
    })
    const deciding = await open('auditor', '/alerts')
    await step(browser, 'another approves', async () => {
      await deciding.getByRole('link', { name: /^原图申请 \d+$/ }).click()
      await request(deciding).getByRole('button', { name: '批准', exact: true }).click()
      await request(deciding).getByLabel('批准或拒绝的理由').fill('已核对信访件')
      await request(deciding)
        .getByRole('button', { name: /^批准 Ctrl/ })
        .click()
      await request(deciding).getByText('已批准，未打开').waitFor()
    })
    await step(browser, 'who asked opens it', async () => {
      await asking.reload()
      await request(asking).getByRole('button', { name: '打开原图' }).click()
      await request(asking).getByRole('img', { name: '未经遮挡的原图' }).waitFor()
      await expect
        .poll(() => asking.evaluate("document.querySelector('.original-open img')?.naturalWidth"), {
          timeout: 60_000,
        })
        .toBe(64)
    })
    expect(await seen(`alert:${alert}`)).toEqual(
      expect.arrayContaining([
        'investigator original_request',
        'auditor original_approval',
        'investigator original',
      ]),
    )
  })
})

test('where one person is enough there is nothing to ask for', async () => {
  await using plain = await startDashboard()
  const alert = await insertAlert(plain.database)
  const investigator = await plain.as('investigator')
  expect(await investigator.json('/api/originals')).toEqual({ mode: 'one_person', items: [] })
  expect((await investigator.post('/api/originals', { alert, reason })).status).toBe(409)
})
