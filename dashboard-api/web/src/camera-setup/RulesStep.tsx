import { Button } from 'antd'
import { type Dispatch, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Purpose } from '../../../../core/catalogue.ts'
import { PRESET_NAMES, PRESET_OF, type PresetName } from '../../../../core/config/presets.ts'
import type { CameraItem } from '../api/types.ts'
import type { EditorAction, EditorState } from '../rules/editor.ts'
import type { SetFault } from '../rules/faults.ts'
import { RulePanel } from '../rules/RulePanel.tsx'
import { unavailableHere } from '../rules/unavailable-here.ts'
import { presetOf, withPreset } from './preset.ts'

interface Props {
  readonly editor: EditorState
  readonly dispatch: Dispatch<EditorAction>
  readonly purpose: Purpose | null
  readonly cameras: readonly CameraItem[]
  readonly faults: readonly SetFault[]
}

/** What to look for: a set that suits the purpose, to be changed as one likes. */
export function RulesStep({ editor, dispatch, purpose, cameras, faults }: Props) {
  const { t } = useTranslation()
  const { set } = editor
  const take = (name: PresetName) => dispatch({ do: 'change', change: (old) => withPreset(old, name) })
  const wanted = purpose === null ? null : PRESET_OF[purpose]
  // biome-ignore lint/correctness/useExhaustiveDependencies: offered once, when the step opens
  useEffect(() => {
    if (wanted && set.rules.length === 0) take(wanted)
  }, [])
  const current = presetOf(set)
  const unavailable = unavailableHere({ rules: [] }, cameras)
  return (
    <>
      <p className="caption">{t('cameraNew.rulesLead')}</p>
      <fieldset className="action-row" aria-label={t('cameraNew.presets')}>
        {PRESET_NAMES.map((name) => (
          <Button
            key={name}
            aria-pressed={name === current}
            type={name === current ? 'primary' : 'default'}
            onClick={() => take(name)}
          >
            {t(`cameraNew.preset.${name}`)}
            {name === wanted ? ` · ${t('cameraNew.suits')}` : ''}
          </Button>
        ))}
        <Button onClick={() => dispatch({ do: 'change', change: (old) => ({ ...old, rules: [] }) })}>
          {t('cameraNew.noRules')}
        </Button>
      </fieldset>
      <div className="wizard-rules">
        <RulePanel {...{ set, faults, unavailable, dispatch, readOnly: false }} />
      </div>
    </>
  )
}
