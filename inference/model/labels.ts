/** The 80 classes of COCO detection in the order of every model trained on it (cocodataset.org, `instances_train2017`). */
export const COCO_80: readonly string[] = (
  'person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,' +
  'bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,' +
  'sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,' +
  'bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,' +
  'toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,' +
  'teddy bear,hair drier,toothbrush'
).split(',')

/** Name of a class that nobody named. */
export const numberedLabel = (classId: number): string => `class_${classId}`

/** Names for `count` classes without any: those of COCO when there are exactly 80, else numbers. */
export function unnamedLabels(count: number): readonly string[] {
  return count === COCO_80.length ? COCO_80 : Array.from({ length: count }, (_, i) => numberedLabel(i))
}

/** `{0: 'person', 1: "driver's door"}`, as Ultralytics writes `names` into a file → names by class; null when it is not. */
export function parseNames(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null
  const labels: string[] = []
  for (const match of text.matchAll(/(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)) {
    labels[Number(match[1])] = (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1')
  }
  return labels.length > 0 && labels.length === Object.keys(labels).length ? labels : null
}
