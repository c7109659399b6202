import type { wallWords as source } from '../zh/wall.ts'

export const wallWords: typeof source = {
  wall: {
    title: 'Wall',
    open: 'Open the wall',
    leave: 'Leave the wall',
    pictures: 'Pictures',
    alerts: 'Open alerts of severity 1 and 2',
    quiet: 'No alerts of severity 1 or 2',
    dataAge: 'data {{span}} old',
    healing: 'The page failed; it loads again in {{n}} s',
  },
  wallKeys: {
    fullScreen: 'full screen on and off',
    leave: 'leave the wall',
    open: 'open the wall',
    grid: 'list or pictures',
    openTile: 'open camera 1 to 9',
    tile: 'enlarge tile 1 to 9',
    capture: 'keep a still as evidence',
    history: 'replay',
    boxes: 'show or hide boxes',
    wall: 'Wall',
  },
  purposeGate: {
    ask: 'Say what you look for before this picture opens',
    routine: 'Routine watch',
    alert: 'Check an alert',
    case: 'Work on a case',
    inspection: 'Inspection',
    other: 'Another purpose (write it)',
    open: 'Open the picture',
    why: 'The purpose goes into the log of looks and holds for other pictures of this log-in.',
    first: 'Open this camera and say the purpose first',
  },
}
