"""`python -m train.clips MODEL`: strongest score of fire and smoke over time on every clip of the assets, a look a second."""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from .evaluate import best_of_cell, onnx_runner
from .export import SIDE
from .paths import ASSETS


def looks(path, every_s):
    """(second, BGR picture) of a clip."""
    video = cv2.VideoCapture(str(path))
    fps = video.get(cv2.CAP_PROP_FPS) or 25.0
    frame, due = 0, 0.0
    while video.grab():
        if frame / fps >= due:
            ok, image = video.retrieve()
            if ok:
                yield frame / fps, image
            due += every_s
        frame += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two looks")
    options = parser.parse_args()
    manifest = json.loads(options.model.with_suffix(".json").read_text())
    watched = [n for n in ("fire", "smoke") if n in manifest["labels"]]
    run = onnx_runner(options.model, SIDE)
    for path in sorted((ASSETS / "clips").iterdir()):
        if path.suffix == ".json":
            continue
        scores = {n: [] for n in watched}
        for second, image in looks(path, options.every):
            found = best_of_cell(*run(image), nms=manifest["thresholds"]["nmsIou"])
            for n in watched:
                rows = found[manifest["labels"].index(n)]
                scores[n].append((second, float(rows[0, 0]) if len(rows) else 0.0))
        for n, rows in scores.items():
            values = np.array([v for _, v in rows]) if rows else np.zeros(1)
            strong = [f"{s:.0f}s {v:.2f}" for s, v in rows if v >= manifest["thresholds"]["score"]][:12]
            print(f"{path.name:34} {n:6} looks {len(rows):4} highest {values.max():.3f}  above threshold: {strong}")


if __name__ == "__main__":
    main()
