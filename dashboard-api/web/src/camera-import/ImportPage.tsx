import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { CSV_REQUIRED, MOST_CSV_CAMERAS } from '../../../../core/config/camera-csv-form.ts'
import { checkImport, type Imported, importCameras } from '../api/camera-setup.ts'
import { toApiError } from '../api/problem.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { LoadingShape } from '../parts/ListState.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { decodeList, type ListEncoding } from './decode.ts'
import { FaultTable } from './FaultTable.tsx'
import { offerFile } from './offer-file.ts'
import { RowTable } from './RowTable.tsx'
import { templateText } from './template.ts'

interface List {
  readonly name: string
  readonly text: string
  readonly encoding: ListEncoding
}

/** Many cameras from one list: everything that is wrong in it is shown by line and column before anything is saved. */
export function ImportPage() {
  const { t } = useTranslation()
  usePageTitle(t('cameraImport.title'))
  const session = useSession()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const input = useRef<HTMLInputElement>(null)
  const [list, setList] = useState<List | null>(null)
  const [unread, setUnread] = useState<string | null>(null)
  const [done, setDone] = useState<Imported | null>(null)
  /** What the last check found: it stays, and the reason below it, while the list is checked again. */
  const [found, setFound] = useState<Awaited<ReturnType<typeof checkImport>> | null>(null)
  const check = useMutation({ mutationFn: (text: string) => checkImport(text), onSuccess: setFound })
  const save = useMutation({
    mutationFn: (how: { readonly reason: string; readonly rightOnly: boolean }) =>
      importCameras({
        text: list?.text ?? '',
        ...how,
        versions: Object.fromEntries(
          (found?.rows ?? []).flatMap(({ id, version }) => (version === null ? [] : [[id, version]])),
        ),
      }),
    onSuccess: (imported) => {
      setDone(imported)
      setList(null)
      setFound(null)
      check.reset()
    },
    onError: (error) => {
      // Somebody was quicker: what the list would do now is another thing.
      if (list && ['version_conflict', 'config_invalid'].includes(toApiError(error).code))
        check.mutate(list.text)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['cameras'] }),
  })
  const take = async (file: File | undefined) => {
    if (!file) return
    setDone(null)
    setUnread(null)
    setFound(null)
    check.reset()
    save.reset()
    const read = decodeList(new Uint8Array(await file.arrayBuffer()))
    setList(read && { name: file.name, ...read })
    if (read) check.mutate(read.text)
    else setUnread(file.name)
  }
  if (!hasRole(session, 'admin'))
    return <p className="empty">{t('common.needsRole', { role: t('role.admin') })}</p>
  const count = (what: string) => found?.rows.filter(({ change }) => change === what).length ?? 0
  const wrongLines = found ? found.lines - found.rows.length : 0
  const clean = found !== null && found.faults.length === 0
  return (
    <div className="page camera-import">
      <header className="page-head">
        <h1>{t('cameraImport.title')}</h1>
        <Link to="/cameras/manage">‹ {t('cameraAdmin.title')}</Link>
      </header>
      <p className="caption">
        {t('cameraImport.lead', { most: MOST_CSV_CAMERAS, required: CSV_REQUIRED.join(', ') })}
      </p>
      <p className="caption">{t('cameraImport.existing')}</p>
      <div className="action-row">
        <input
          ref={input}
          type="file"
          accept=".csv,text/csv"
          className="sr-only"
          aria-label={t('cameraImport.choose')}
          onChange={(event) => {
            void take(event.target.files?.[0])
            // The same file, corrected, is to be taken again.
            event.target.value = ''
          }}
        />
        <Button type="primary" disabled={offline || save.isPending} onClick={() => input.current?.click()}>
          {t('cameraImport.choose')}
        </Button>
        <Button onClick={() => offerFile('cameras.csv', templateText())}>{t('cameraImport.template')}</Button>
        {offline ? <span className="caption">{t('common.offlineOff')}</span> : null}
      </div>
      {unread ? (
        <p className="failed" role="alert">
          {t('cameraImport.unread', { name: unread })}
        </p>
      ) : null}
      {done ? (
        <p className="import-done" role="status">
          {t('cameraImport.done', { ...done })} <Link to="/cameras/manage">{t('cameraAdmin.title')}</Link>
        </p>
      ) : null}
      {check.error ? (
        <ProblemNotice what={t('cameraImport.notChecked', { name: list?.name ?? '' })} error={check.error} />
      ) : null}
      {check.isPending ? <LoadingShape /> : null}
      {list && found ? (
        <>
          <h2 className="import-head" role="status">
            {t('cameraImport.found', {
              ...{ name: list.name, encoding: list.encoding.toUpperCase(), lines: found.lines },
              ...{ added: count('added'), changed: count('changed'), same: count('same'), wrong: wrongLines },
            })}
          </h2>
          {clean ? null : <FaultTable faults={found.faults} />}
          {found.rows.length > 0 ? <RowTable rows={found.rows} /> : null}
          {found.rows.length > 0 ? (
            <section className="panel" aria-label={t('cameraImport.save')}>
              <p>
                {t(clean ? 'cameraImport.saveWhat' : 'cameraImport.rightWhat', {
                  n: found.rows.length,
                  wrong: wrongLines,
                })}
              </p>
              <ReasonForm
                primary={clean}
                words={t(clean ? 'cameraImport.saveAll' : 'cameraImport.saveRight', { n: found.rows.length })}
                busy={save.isPending}
                disabled={offline || check.isPending}
                onSend={(reason) =>
                  save.mutateAsync({ reason, rightOnly: !clean }).then(
                    () => true,
                    () => false, // the notice says why; the list and the reason stay
                  )
                }
              />
            </section>
          ) : null}
          {save.error ? <ProblemNotice what={t('cameraImport.notSaved')} error={save.error} /> : null}
        </>
      ) : null}
    </div>
  )
}
