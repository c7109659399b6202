import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaseDetail } from '../api/types.ts'
import { useSession } from '../session/session.ts'
import { formatFull } from '../time/format.ts'
import { serverClock } from '../time/server-clock.ts'
import { marginRules } from './print-margins.ts'

/**
 * What stands at the edge of every printed sheet: number, page n/m, hash of the log, and of the last exported manifest.
 * Margin boxes take only text of a style sheet, so one is made; it goes with the page.
 */
export function usePrintSheet(detail: CaseDetail): void {
  const { t } = useTranslation()
  const { name, city } = useSession()
  const exported = detail.log.findLast(({ kind }) => kind === 'exported')?.data.manifest
  const { no, logSha256 } = detail
  useEffect(() => {
    const sheet = new CSSStyleSheet()
    const write = () => {
      const at = formatFull(serverClock.now(), city.timezone)
      sheet.replaceSync(
        marginRules({
          no: `${t('words.case')} ${no}`,
          printed: t('evidence.printed', { name, at }),
          hashes: [
            `${t('evidence.logHash')} SHA-256 ${logSha256}`,
            ...(typeof exported === 'string' ? [`${t('evidence.manifest')} SHA-256 ${exported}`] : []),
          ],
        }),
      )
    }
    write()
    document.adoptedStyleSheets.push(sheet)
    window.addEventListener('beforeprint', write)
    return () => {
      window.removeEventListener('beforeprint', write)
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet)
    }
  }, [t, no, logSha256, exported, name, city.timezone])
}
