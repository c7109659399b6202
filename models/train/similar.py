"""Scenes: pictures of one place, found by file name and by how alike small grey copies are."""

import re

import cv2
import numpy as np

SIDE = 20


def thumbnail(image):
    """Grey copy of SIDE × SIDE, mean 0, length 1, [SIDE²]: the product of two is their correlation."""
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    flat = grey.astype(np.float32).ravel()
    flat -= flat.mean()
    return flat / (np.linalg.norm(flat) + 1e-6)


def name_scene(dataset, stem):
    """What the file name says of the scene; None where it says nothing."""
    if dataset in ("fire-smoke", "masks"):
        # The videos of fire-smoke are compilations of many places: only the pictures themselves tell.
        return None
    if dataset == "trash-bags":
        # Shots of one place follow each other within minutes: date, hour and tens of minutes.
        digits = re.sub(r"\D", "", stem)
        return f"{stem[:4]}-{digits[:11]}" if not stem.startswith("IMG") else f"IMG-{digits[:3]}"
    if dataset == "road":
        return re.sub(r"^manaus_|-(day|night)\d*_\d+$", "", stem)
    scene = stem.rsplit("_", 1)[0]
    if scene in ("indoor_v090", "hotfire_s244", "hotfire_plate"):
        return "indoor_v089"
    return scene


def number(stem):
    digits = re.findall(r"\d+", stem)
    return int(digits[-1]) if digits else -1


class Groups:
    def __init__(self, count):
        self.parent = list(range(count))

    def root(self, i):
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, a, b):
        a, b = self.root(a), self.root(b)
        self.parent[max(a, b)] = min(a, b)


# Bags fill the same kind of truck bed everywhere: only near copies are one place there.
ALIKE = {"trash-bags": 0.95}


def scenes(names, thumbs, alike=0.87, neighbour=0.55):
    """Number of the scene of each picture. `names`: (set, stem); `thumbs` [n, SIDE²].

    One scene: the same name, a correlation above `alike` (or the set's own), or near numbers of one video above `neighbour`.
    """
    groups = Groups(len(names))
    named = {}
    for i, (dataset, stem) in enumerate(names):
        key = name_scene(dataset, stem)
        if key is not None:
            # The two sets of fire_indoor and fire_web share one place.
            groups.join(i, named.setdefault(key if key == "indoor_v089" else (dataset, key), i))
    likeness = thumbs @ thumbs.T
    for a, b in np.argwhere(np.triu(likeness > alike, 1)):
        if likeness[a, b] > max(ALIKE.get(names[i][0], alike) for i in (a, b)):
            groups.join(int(a), int(b))
    videos = {}
    for i, (dataset, stem) in enumerate(names):
        if dataset == "fire-smoke":
            videos.setdefault(re.sub(r"[-_]\d+$", "", stem), []).append((number(stem), i))
    for frames in videos.values():
        frames.sort()
        for at, (n, i) in enumerate(frames):
            for m, j in frames[at + 1 :]:
                if m - n > 3:
                    break
                if likeness[i, j] > neighbour:
                    groups.join(i, j)
    return [groups.root(i) for i in range(len(names))]
