import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ConfigItem, handCamera, readCameraBody, saveCamera } from '../api/rules.ts'
import { bodyWith, type RuleSet } from './model.ts'

/** Saves what is watched into the camera's whole body, which is read right before, and hands the camera over. */
export function useRuleCommands(camera: string) {
  const client = useQueryClient()
  const refresh = () =>
    Promise.all(
      [['camera-rules', camera], ['camera-versions', camera], ['cameras']].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    )
  const save = useMutation({
    mutationFn: async (input: { set: RuleSet; version: number; reason: string }): Promise<ConfigItem> => {
      // The version that was seen goes with it: another's change in between is refused, not overwritten.
      const now = await readCameraBody(camera)
      const body = bodyWith(now?.body ?? {}, input.set)
      return saveCamera(camera, { version: input.version, body, reason: input.reason })
    },
    onSettled: refresh,
  })
  const hand = useMutation({
    mutationFn: (input: { version: number; reason: string }) => handCamera(camera, { ...input, to: 'desk' }),
    onSettled: refresh,
  })
  return { save, hand }
}
