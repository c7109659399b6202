"""`python -m train.lay DIR`: lays the validation part out for `sharp-eyes models eval`, which the figures of the card are made by.

`DIR/CLASS` holds the pictures whose set speaks of that class, with its boxes alone; `DIR/SET` the pictures of one set, with all classes
that it labels; `DIR/negatives` those that show neither fire nor smoke. Boxes in which nothing is learned (masks worn wrong, motorbikes)
have no place there: a find in one counts as false.
"""

import argparse
import json
import os
import subprocess
from pathlib import Path

from .cache import Cache
from .paths import CACHE, DATA, ROOT
from .sets import CLASSES, HAZARD, INDEX, SETS

NEGATIVES = "negatives"
# Sets whose pictures are one kind of scene.
KINDS = ("fire-smoke", "fire-indoor", "masks", "trash-bags", "bins", "road", "coco-mini")


def folders(entries):
    """Name of each folder → (its classes, its pictures)."""
    complete = {s.name: s.complete for s in SETS}
    speaks = lambda e, name: name in complete[e["set"]] or shows(e, (name,))  # noqa: E731
    held = [e for e in entries if e["part"] == "val"]
    plan = {name: ([name], [e for e in held if speaks(e, name)]) for name in CLASSES}
    for kind in KINDS:
        pictures = [e for e in held if e["set"] == kind]
        plan[kind] = ([n for n in CLASSES if any(shows(e, (n,)) for e in pictures)], pictures)
    plan[NEGATIVES] = ([], [e for e in held if all(n in complete[e["set"]] for n in HAZARD) and not shows(e, HAZARD)])
    return {name: (classes, pictures) for name, (classes, pictures) in plan.items() if pictures}


def shows(entry, names):
    return any(box[0] in map(INDEX.get, names) for box in entry["boxes"])


def lay(entries, data, target):
    """Writes the folders below `target`, which must not be there, with links to the pictures in `data`. Gives their names."""
    originals = {}
    for name in {e["set"] for e in entries if e["part"] == "val"}:
        originals |= {f"{name}/{path.stem}": path for path in (Path(data) / name / "images").iterdir()}
    plan = folders(entries)
    for folder, (classes, pictures) in plan.items():
        images, labels = Path(target) / folder / "images", Path(target) / folder / "labels"
        images.mkdir(parents=True)
        labels.mkdir()
        (Path(target) / folder / "classes.txt").write_text("".join(f"{n}\n" for n in classes))
        at = {INDEX[n]: k for k, n in enumerate(classes)}
        for e in pictures:
            path = originals[e["name"]]
            stem = e["name"].replace("/", "_")
            os.symlink(path.resolve(), images / f"{stem}{path.suffix}")
            rows = [f"{at[c]} {x:.6f} {y:.6f} {w:.6f} {h:.6f}\n" for c, x, y, w, h in e["boxes"] if c in at]
            (labels / f"{stem}.txt").write_text("".join(rows))
    return {folder: len(pictures) for folder, (_, pictures) in plan.items()}


def evaluated(model, folder):
    """What `sharp-eyes models eval` says of a model (ONNX file with its manifest beside it) on one folder."""
    command = ["node", "app/bin.mjs", "models", "eval", str(Path(model).resolve()), "--data", str(Path(folder).resolve()), "--json"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder")
    options = parser.parse_args()
    for name, count in lay(Cache(CACHE).entries, DATA, options.folder).items():
        print(f"{options.folder / name}: {count} pictures")


if __name__ == "__main__":
    main()
