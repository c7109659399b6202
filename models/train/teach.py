"""`python -m train.teach`: boxes of person and vehicle on every picture of the cache by the COCO detector of the assets.

Apache-2.0 (see start.py); its boxes stand in for labels where a set has none of these two classes.
"""

import json

import numpy as np
import onnxruntime

from .cache import Cache, overlap
from .evaluate import letterbox
from .paths import CACHE, START
from .sets import INDEX
from .start import COCO_ROWS

LOWEST = 0.2
INPUT = 416


def main():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(START), options)
    cache, found = Cache(CACHE), {}
    cells = np.concatenate(
        [np.stack([np.tile(np.arange(n), n), np.repeat(np.arange(n), n), np.full(n * n, INPUT // n)], 1)
         for n in (52, 26, 13)]
    ).astype(np.float32)  # fmt: skip
    for i, entry in enumerate(cache.entries):
        tensor, factor = letterbox(cache.image(i), INPUT, INPUT)
        out = session.run(None, {session.get_inputs()[0].name: tensor[None]})[0][0]
        centre = (out[:, :2] + cells[:, :2]) * cells[:, 2:]
        half = np.exp(out[:, 2:4]) * cells[:, 2:] / 2
        boxes = np.concatenate((centre - half, centre + half), 1) / factor
        h, w = entry["shape"]
        boxes = np.clip(boxes / (w, h, w, h), 0, 1)
        kept = []
        for name, columns in COCO_ROWS.items():
            score = out[:, 4] * out[:, [5 + c for c in columns]].max(1)
            chosen = []
            for row in np.argsort(-score):
                if score[row] < LOWEST:
                    break
                if all(overlap(boxes[row], boxes[other]) < 0.5 for other in chosen):
                    chosen.append(row)
            kept += [(INDEX[name], round(float(score[r]), 3), *(round(float(v), 4) for v in boxes[r])) for r in chosen]
        found[entry["name"]] = kept
    (CACHE / "teacher.json").write_text(json.dumps(found))
    print(f"{sum(map(len, found.values()))} boxes on {len(found)} pictures")


if __name__ == "__main__":
    main()
