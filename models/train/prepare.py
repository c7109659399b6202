"""`python -m train.prepare`: checks the sets, splits them by scene and writes the cache that training reads.

The cache: `pixels.npy` (all pictures one after the other, BGR, long side at most SIDE) and `index.json`.
"""

import argparse
import hashlib
import json
import os
import re
from collections import Counter, defaultdict
from pathlib import Path

import cv2
import numpy as np

from .paths import CACHE, DATA
from .sets import CLASSES, IGNORE, read_sets
from .similar import scenes, thumbnail

SIDE = 448
VALIDATION_SHARE = 0.17
# A scene with more pictures than this stays in training: one place would decide the figures.
LARGEST_VALIDATION_SCENE = 30
CHECK_CLIP = re.compile(r"^fire-smoke/img_(6[0-4]\d|65[0-5])$")


def held_out(name):
    """Frames of the check clip (img_601 … img_655): neither learned nor measured."""
    return bool(CHECK_CLIP.match(name)) and name != "fire-smoke/img_600"


def split(pictures, scene_of):
    """'train', 'val' or 'out' for each picture; a scene is never in two parts."""
    part = ["out" if held_out(p.name) else "train" for p in pictures]
    out_scenes = {s for s, p in zip(scene_of, part) if p == "out"}
    members = defaultdict(list)
    for i, scene in enumerate(scene_of):
        if part[i] != "out":
            members[scene].append(i)
    by_set = defaultdict(list)
    for scene, ids in members.items():
        by_set[pictures[ids[0]].set.name].append(scene)
    for name, found in by_set.items():
        total = sum(len(members[s]) for s in found)
        usable = [
            s
            for s in found
            if s not in out_scenes
            and len(members[s]) <= LARGEST_VALIDATION_SCENE
            and all(pictures[i].set.measured for i in members[s])
        ]
        # The order of a hash: the same on every machine, without favour.
        usable.sort(key=lambda s: hashlib.sha256(f"7/{pictures[s].name}".encode()).hexdigest())
        taken = 0
        for scene in usable:
            if taken >= VALIDATION_SHARE * total:
                break
            taken += len(members[scene])
            for i in members[scene]:
                part[i] = "val"
    return part


def write_cache(pictures, images, scene_of, part, folder):
    folder.mkdir(parents=True, exist_ok=True)
    total = sum(im.size for im in images)
    pixels = np.lib.format.open_memmap(folder / "pixels.part.npy", "w+", np.uint8, (total,))
    index, at = [], 0
    for picture, image, scene, where in zip(pictures, images, scene_of, part):
        pixels[at : at + image.size] = image.ravel()
        index.append(
            {
                "name": picture.name,
                "set": picture.set.name,
                "scene": int(scene),
                "part": where,
                "at": at,
                "shape": image.shape[:2],
                "boxes": picture.boxes,
            }
        )
        at += image.size
    pixels.flush()
    os.replace(folder / "pixels.part.npy", folder / "pixels.npy")
    (folder / "index.json").write_text(json.dumps(index))


def data_hash(pictures, part):
    """sha256 over names, labels and parts: two runs with the same value saw the same data."""
    digest = hashlib.sha256()
    for picture, where in zip(pictures, part):
        digest.update(f"{picture.name} {where} {picture.boxes}\n".encode())
        digest.update(hashlib.sha256(picture.path.read_bytes()).digest())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=DATA, type=Path)
    parser.add_argument("--cache", default=CACHE, type=Path)
    options = parser.parse_args()
    pictures, images, faults = [], [], []
    for picture in read_sets(options.data):
        image = cv2.imread(str(picture.path))
        if image is None:
            faults.append(f"{picture.path}: not a picture")
            continue
        factor = min(1.0, SIDE / max(image.shape[:2]))
        if factor < 1:
            size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        pictures.append(picture)
        images.append(image)
    scene_of = scenes([(p.set.name, p.path.stem) for p in pictures], np.stack([thumbnail(i) for i in images]))
    part = split(pictures, scene_of)
    write_cache(pictures, images, scene_of, part, options.cache)
    record = {"hash": data_hash(pictures, part), "faults": faults, "pictures": {}, "boxes": {}}
    for name in {p.set.name: None for p in pictures}:
        ids = [i for i, p in enumerate(pictures) if p.set.name == name]
        count = Counter(part[i] for i in ids)
        record["pictures"][name] = {**count, "scenes": len({scene_of[i] for i in ids})}
    for where in ("train", "val"):
        labels = Counter(b[0] for i, p in enumerate(pictures) if part[i] == where for b in p.boxes)
        record["boxes"][where] = {CLASSES[c] if c != IGNORE else "ignored": n for c, n in sorted(labels.items())}
    (options.cache / "data.json").write_text(json.dumps(record, indent=1))
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
