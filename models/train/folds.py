"""`python -m train.folds FOLD FOLDER`: the cache with other scenes of fire held back, so that a run there says what other places would give.

`folds.json` names the scenes of each fold by their first picture. Fold `a` is the validation part of `train.prepare`; `b`, `c` and
`d` hold back the other scenes of the measured sets of fire, each scene once; `all` holds none of them back. The other sets keep their
validation part. Train with `SHARP_EYES_TRAIN=FOLDER`; `train.crossed` puts the folds together.
"""

import argparse
import json
import os
from pathlib import Path

from .paths import CACHE

FOLDS = Path(__file__).with_name("folds.json")
# The sets whose scenes change sides.
MOVED = ("fire-smoke", "fire-indoor", "no-fire")


def held_back(entries, names):
    """Entries with the scenes of the pictures `names` held back in MOVED. A name that no entry has raises KeyError.

    What would be trained on in a scene that is measured goes out: `fire-web`, which is never measured, and pictures that changed sides
    while others of their scene stay behind.
    """
    scene_of = {e["name"]: e["scene"] for e in entries}
    held = {scene_of[name] for name in names}
    cut = []
    for e in entries:
        part = e["part"]
        if part != "out":
            if e["set"] in MOVED:
                part = "val" if e["scene"] in held else "train"
            elif e["scene"] in held and part == "train":
                part = "out"
        cut.append({**e, "part": part})
    measured = {e["scene"] for e in cut if e["part"] == "val"}
    return [{**e, "part": "out"} if e["part"] == "train" and e["scene"] in measured else e for e in cut]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fold", choices=sorted(json.loads(FOLDS.read_text())))
    parser.add_argument("folder", type=Path, help="a new SHARP_EYES_TRAIN")
    options = parser.parse_args()
    cache = options.folder / "cache"
    cache.mkdir(parents=True)
    entries = json.loads((CACHE / "index.json").read_text())
    cut = held_back(entries, json.loads(FOLDS.read_text())[options.fold])
    (cache / "index.json").write_text(json.dumps(cut))
    for name in ("pixels.npy", "teacher.json", "data.json"):
        if (CACHE / name).exists():
            os.symlink((CACHE / name).resolve(), cache / name)
    count = {part: sum(e["part"] == part for e in cut) for part in ("train", "val", "out")}
    print(", ".join(f"{part} {n}" for part, n in count.items()))


if __name__ == "__main__":
    main()
