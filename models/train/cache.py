"""The pictures of the cache in memory, with what is known of each."""

import json

import numpy as np

from .sets import CLASSES, IGNORE, INDEX, SETS

# A teacher's box counts as true above the first value, as unknown above the second.
TEACHER_TRUE, TEACHER_MAYBE = 0.5, 0.2
FACES = (INDEX["face_masked"], INDEX["face_bare"])
VEHICLE, PERSON = INDEX["vehicle"], INDEX["person"]
# Our class of an ignored box, by set: an incorrectly worn mask is neither face, a motorbike and its rider neither of two.
IGNORED_CLASSES = {"masks": FACES, "road": (VEHICLE, PERSON)}


class Cache:
    """`entries`: one dict a picture. `image(i)`: BGR uint8. Boxes are rows (class, left, top, right, bottom) in pixels."""

    def __init__(self, folder):
        self.entries = json.loads((folder / "index.json").read_text())
        self.pixels = np.load(folder / "pixels.npy", mmap_mode="r")
        teacher = folder / "teacher.json"
        self.teacher = json.loads(teacher.read_text()) if teacher.exists() else {}
        self.sets = {s.name: s for s in SETS}

    def image(self, i):
        entry = self.entries[i]
        h, w = entry["shape"]
        return np.asarray(self.pixels[entry["at"] : entry["at"] + h * w * 3]).reshape(h, w, 3)

    def ids(self, part, names=None):
        return [i for i, e in enumerate(self.entries) if e["part"] == part and (not names or e["set"] in names)]

    def labels(self, i):
        """(boxes [n, 5], ignored [m, 5], known [classes] of bool): the labels of people joined with the teacher's."""
        entry = self.entries[i]
        h, w = entry["shape"]
        boxes, ignored = [], []
        for c, x, y, bw, bh in entry["boxes"]:
            box = ((x - bw / 2) * w, (y - bh / 2) * h, (x + bw / 2) * w, (y + bh / 2) * h)
            if c == IGNORE:
                ignored += [(k, *box) for k in IGNORED_CLASSES.get(entry["set"], ())]
            else:
                boxes.append((c, *box))
        complete = self.sets[entry["set"]].complete
        known = np.array([c in complete for c in CLASSES])
        for c, score, *share in self.teacher.get(entry["name"], ()):
            if known[c]:
                continue
            box = (share[0] * w, share[1] * h, share[2] * w, share[3] * h)
            if any(b[0] == c and overlap(b[1:], box) > 0.5 for b in boxes):
                continue
            (boxes if score >= TEACHER_TRUE else ignored).append((c, *box))
        if self.teacher:
            known[[PERSON, VEHICLE]] = True
        return rows(boxes), rows(ignored), known


def rows(boxes):
    return np.array(boxes, np.float32).reshape(-1, 5)


def overlap(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    area = lambda r: (r[2] - r[0]) * (r[3] - r[1])  # noqa: E731
    return w * h / (area(a) + area(b) - w * h)
