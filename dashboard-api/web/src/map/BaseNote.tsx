import { useTranslation } from 'react-i18next'
import type { BaseMap } from '../../../../core/api/map.ts'

/** Why there is no base map, and which setting brings one. */
export function BaseNote({ base: { base } }: { readonly base: BaseMap }) {
  const { t } = useTranslation()
  if (base.state === 'ready') return null
  return (
    <p className="map-note" role="status" data-kind={base.state}>
      {base.state === 'none' ? t('map.noBase') : t(`map.baseFault.${base.why}`, { file: base.file })}
    </p>
  )
}
