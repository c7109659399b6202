"""One training picture: a mosaic or a single picture, moved, scaled, recoloured, with flames, smoke and decoys pasted in."""

from typing import NamedTuple

import cv2
import numpy as np
import torch

from .draw import paste, plain
from .sets import CLASSES, INDEX

PAD = 114
FIRE, SMOKE = INDEX["fire"], INDEX["smoke"]
# How often a picture of a set is drawn, before the number of pictures of its scene is taken out.
WEIGHTS = {
    "fire-smoke": 2.4,
    "fire-web": 1.3,
    "fire-indoor": 1.2,
    "masks": 1.25,
    "trash-bags": 0.5,
    "bins": 0.8,
    "no-fire": 1.4,
    "chimney": 1.0,
    "road": 0.7,
    "coco-mini": 1.0,
}
# How often a picture is a bare room, and how often a background is looked at from close by: large even areas look like smoke.
PLAIN, CLOSE = 0.04, 0.2
# How often a picture with fire or smoke gets lights and coloured things beside them.
BESIDE = 0.5
# How often such a thing is cut out of a picture and not drawn.
REAL = 0.7
# Sets into whose pictures flames and smoke may be pasted: those that hold none.
BACKGROUNDS = ("no-fire", "coco-mini", "road", "bins", "chimney")


class Batch(NamedTuple):
    """Samples side by side; lists are filled up to the longest, with class -1 or areas of nothing."""

    images: torch.Tensor  # uint8 [b, 3, side, side], BGR
    truth: torch.Tensor  # [b, n, 5]: class, left, top, right, bottom in pixels
    ignored: torch.Tensor  # [b, m, 5]: of this class nobody knows here
    regions: torch.Tensor  # [b, r, 4]
    known: torch.Tensor  # [b, r, classes] of 0 and 1: of which classes a region speaks


def batch_of(samples):
    """Samples as `Sampler.sample` draws them → Batch."""
    images, truth, ignored, regions = zip(*samples)
    areas = [np.array([r[:4] for r in rows], np.float32) for rows in regions]
    known = [np.array([r[4] for r in rows], np.float32) for rows in regions]
    pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
    return Batch(pixels, filled(truth, -1), filled(ignored, -1), filled(areas, 0), filled(known, 0))


def filled(lists, value):
    """Arrays [n, k] of many n → one tensor [b, longest n, k]; what is missing is `value`."""
    out = np.full((len(lists), max(map(len, lists)), lists[0].shape[1]), value, np.float32)
    for row, items in zip(out, lists):
        row[: len(items)] = items
    return torch.from_numpy(out)


class Sampler:
    """Draws training samples. The same seed draws the same samples."""

    def __init__(self, cache, patches, seed, mosaic=0.5, sets=None, colour=1.0):
        """`sets`: factors of WEIGHTS by set (another name raises KeyError); `colour` 0..1: how often and how far colours go."""
        if unknown := set(sets or {}) - set(WEIGHTS):
            raise KeyError(f"no set {sorted(unknown)}; there are {', '.join(WEIGHTS)}")
        self.cache, self.patches, self.mosaic, self.colour = cache, patches, mosaic, colour
        self.rng = np.random.default_rng(seed)
        self.ids = cache.ids("train")
        entries = [cache.entries[i] for i in self.ids]
        size = {}
        for e in entries:
            size[e["scene"]] = size.get(e["scene"], 0) + 1
        weights = []
        for e in entries:
            # Twenty frames of one place teach little more than a few: the weight of a scene grows with the root of its size.
            crowd = size[e["scene"]] ** -0.5 if e["set"] == "fire-smoke" else 1.0
            factor = (sets or {}).get(e["set"], 1.0)
            weights.append(factor * WEIGHTS[e["set"]] * crowd * (2.0 if e["set"] == "fire-smoke" else 1.0))
        self.chances = np.array(weights) / sum(weights)
        self.labels = {}

    def draw_id(self):
        return int(self.rng.choice(self.ids, p=self.chances))

    def sample(self, side):
        """(BGR uint8 [side, side, 3], boxes [n, 5], ignored [m, 5], regions): a region is (left, top, right, bottom, known)."""
        canvas = np.full((side, side, 3), PAD, np.uint8)
        boxes, ignored, regions = [], [], []
        if self.rng.random() < self.mosaic:
            cx, cy = (self.rng.uniform(0.35, 0.65, 2) * side).astype(int)
            tiles = [(0, 0, cx, cy), (cx, 0, side, cy), (0, cy, cx, side), (cx, cy, side, side)]
        else:
            tiles = [(0, 0, side, side)]
        for tile in tiles:
            b, g, known = self.place(canvas, tile, len(tiles) > 1)
            boxes.append(b)
            ignored.append(g)
            regions.append((*tile, known))
        return self.recolour(canvas), np.concatenate(boxes), np.concatenate(ignored), regions

    def place(self, canvas, tile, small):
        rng = self.rng
        i = self.draw_id()
        entry = self.cache.entries[i]
        if i not in self.labels:
            self.labels[i] = self.cache.labels(i)
        boxes, ignored, known = self.labels[i]
        left, top, right, bottom = tile
        tw, th = right - left, bottom - top
        if rng.random() < PLAIN:
            canvas[top:bottom, left:right] = cv2.resize(plain(rng, 128), (tw, th), interpolation=cv2.INTER_LINEAR)
            none = np.zeros((0, 5), np.float32)
            return none, none, np.ones(len(CLASSES), bool)
        image = self.cache.image(i)
        h, w = image.shape[:2]
        # Crowded small faces and bags would vanish in a tile: there the picture may be larger than the tile.
        fit = min(tw / w, th / h)
        factor = fit * (rng.uniform(0.9, 2.4) if small else np.exp(rng.uniform(np.log(0.55), np.log(1.7))))
        if entry["set"] in BACKGROUNDS and rng.random() < CLOSE:
            factor *= rng.uniform(1.5, 4)
        fx, fy = factor * rng.uniform(0.85, 1.18), factor
        dx, dy = rng.uniform(min(0, tw - w * fx), max(0, tw - w * fx)), rng.uniform(min(0, th - h * fy), max(0, th - h * fy))
        flip = rng.random() < 0.5
        matrix = np.array([[-fx if flip else fx, 0, dx + (w * fx if flip else 0)], [0, fy, dy]])
        patch = cv2.warpAffine(image, matrix, (tw, th), flags=cv2.INTER_LINEAR, borderValue=(PAD,) * 3)
        boxes, ignored = (move(rows, matrix) for rows in (boxes, ignored))
        boxes, lost = clip(boxes, tw, th)
        ignored = np.concatenate((clip(ignored, tw, th)[0], lost))
        if entry["set"] in BACKGROUNDS and self.patches:
            boxes, known = self.compose(patch, boxes, known, entry["set"])
        elif entry["set"].startswith("fire-") and self.patches and rng.random() < BESIDE:
            self.light_beside(patch, np.concatenate((boxes, ignored)))
        canvas[top:bottom, left:right] = patch
        shift = np.array((0, left, top, left, top), np.float32)
        return boxes + shift, ignored + shift, known

    def light_beside(self, image, boxes):
        """Pastes a decoy beside the fire and smoke of a picture, never over it: not all that is bright there burns."""
        rng, (h, w) = self.rng, image.shape[:2]
        for _ in range(rng.integers(1, 3)):
            size = int(np.exp(rng.uniform(np.log(8), np.log(0.25 * min(h, w) + 9))))
            x, y = rng.uniform(0, w), rng.uniform(size, h + size / 2)
            over = (boxes[:, 1] < x + size) & (boxes[:, 3] > x - size) & (boxes[:, 2] < y + size / 2) & (boxes[:, 4] > y - 1.5 * size)
            if not over.any():
                draw_paste(image, self.decoy(), rng, size, size, (x, y))

    def decoy(self):
        """A drawn decoy, or more often one cut out of a picture."""
        real = self.patches["real"] and self.rng.random() < REAL
        return pick(self.rng, self.patches["real" if real else "decoy"])

    def compose(self, image, boxes, known, name):
        """Pastes decoys, and into every third picture a flame, smoke or both."""
        rng, (h, w) = self.rng, image.shape[:2]
        added = []
        for _ in range(rng.integers(0, 3) if rng.random() < 0.4 else 0):
            size = int(np.exp(rng.uniform(np.log(8), np.log(0.5 * min(h, w) + 9))))
            draw_paste(image, self.decoy(), rng, size, size)
        if rng.random() < 0.35:
            kind = rng.random()
            size = np.exp(rng.uniform(np.log(14), np.log(0.6 * min(h, w) + 15)))
            spot = None
            if kind < 0.65 and (name != "chimney"):
                scale = rng.uniform(1.2, 3.5)
                box = draw_paste(
                    image, pick(rng, self.patches["smoke"]), rng, int(size * scale), int(size * scale * rng.uniform(0.8, 1.6))
                )
                if box:
                    added.append((SMOKE, *box))
                    spot = ((box[0] + box[2]) / 2, box[3])
            if kind > 0.4:
                box = draw_paste(image, pick(rng, self.patches["flame"]), rng, int(size), int(size * rng.uniform(0.8, 1.6)), spot)
                if box:
                    added.append((FIRE, *box))
        if added:
            boxes = np.concatenate((boxes, clip(np.array(added, np.float32), w, h)[0]))
        return boxes, known

    def recolour(self, image):
        rng = self.rng
        image = np.ascontiguousarray(image)
        gain, gamma = rng.uniform(0.75, 1.25), np.exp(rng.uniform(-0.35, 0.35))
        tints = rng.uniform(0.94, 1.06, 3)
        ramp = np.arange(256) / 255.0
        table = np.stack([np.clip(ramp**gamma * gain * t, 0, 1) * 255 for t in tints], 1).astype(np.uint8)
        image = cv2.LUT(image, table[None])
        kind = rng.random()
        if kind < 0.08 * self.colour:  # Night pictures of infrared cameras are grey.
            image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        elif kind < 0.4:
            grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
            share = rng.uniform(1 - 0.5 * self.colour, 1.4)
            image = cv2.addWeighted(image, share, grey, 1 - share, 0)
        kind = rng.random()
        if kind < 0.1:
            image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 1.6))
        elif kind < 0.25:
            packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(25, 70))])[1]
            image = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        elif kind < 0.35:
            image = np.clip(image + rng.normal(0, rng.uniform(3, 12), image.shape[:2] + (1,)), 0, 255).astype(np.uint8)
        return image


def pick(rng, items):
    return items[int(rng.integers(len(items)))]


def draw_paste(image, patch, rng, width, height, foot=None):
    """Pastes at a random place, or with its lower middle at `foot`; gives the box of what can be seen."""
    h, w = image.shape[:2]
    width, height = max(8, width), max(8, height)
    x, y = foot if foot else (rng.uniform(0, w), rng.uniform(0.25 * h, h))
    left, top = int(x - width / 2), int(y - height)
    paste(image, patch, left, top, width, height)
    l, t, r, b = patch[2]
    return left + l * width, top + t * height, left + r * width, top + b * height


def move(rows, matrix):
    """Boxes (class, l, t, r, b) under an affine map without rotation."""
    out = rows.copy()
    xs = np.sort(rows[:, [1, 3]] * matrix[0, 0] + matrix[0, 2], 1)
    ys = np.sort(rows[:, [2, 4]] * matrix[1, 1] + matrix[1, 2], 1)
    out[:, 1], out[:, 3], out[:, 2], out[:, 4] = xs[:, 0], xs[:, 1], ys[:, 0], ys[:, 1]
    return out


def clip(rows, width, height):
    """(boxes cut to the picture, boxes of which too little is left to learn from: unknown)."""
    cut = rows.copy()
    cut[:, 1::2] = cut[:, 1::2].clip(0, width)
    cut[:, 2::2] = cut[:, 2::2].clip(0, height)
    area = lambda r: (r[:, 3] - r[:, 1]).clip(0) * (r[:, 4] - r[:, 2]).clip(0)  # noqa: E731
    left = area(cut) / area(rows).clip(1e-6)
    small = np.minimum(cut[:, 3] - cut[:, 1], cut[:, 4] - cut[:, 2])
    # Fire and smoke have no parts: half a cloud is a cloud.
    enough = np.where(rows[:, 0] < 2, 0.2, 0.4)
    good = (left >= enough) & (small >= 4)
    return cut[good], cut[~good & (left > 0.02) & (small >= 1)]
