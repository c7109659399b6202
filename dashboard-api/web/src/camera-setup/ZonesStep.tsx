import type { Dispatch } from 'react'
import { useTranslation } from 'react-i18next'
import type { ProbeAnswer } from '../api/camera-setup.ts'
import type { EditorAction, EditorState } from '../rules/editor.ts'
import type { SetFault } from '../rules/faults.ts'
import { ShapePanel } from '../rules/ShapePanel.tsx'
import { ZoneCanvas } from '../rules/ZoneCanvas.tsx'
import { EMPTY_SET } from './draft.ts'
import { ProbePicture } from './ProbePicture.tsx'

interface Props {
  readonly editor: EditorState
  readonly dispatch: Dispatch<EditorAction>
  readonly probed: ProbeAnswer | null
  readonly faults: readonly SetFault[]
}

/** Where to look, and what is never shown; without a zone the whole picture is watched. */
export function ZonesStep({ editor, dispatch, probed, faults }: Props) {
  const { t } = useTranslation()
  return (
    <>
      <p className="caption">{t('cameraNew.zonesLead')}</p>
      <div className="rules-desk">
        <ProbePicture probed={probed}>
          <ZoneCanvas
            {...{ dispatch, state: editor, base: EMPTY_SET, readOnly: false }}
            onBack={() => undefined}
          />
        </ProbePicture>
        <div className="rules-right">
          <ShapePanel {...{ dispatch, faults, state: editor, readOnly: false }} />
        </div>
      </div>
    </>
  )
}
