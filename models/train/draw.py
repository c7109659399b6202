"""Things to paste into pictures: flames and smoke drawn from noise, flames cut from training pictures, lights and coloured things as decoys.

A patch is BGR float32 [h, w, 3] and alpha float32 [h, w], 0..1; `box` is where it can be seen, in shares of the patch.
"""

import cv2
import numpy as np

SIDE = 160
# Sets out of which decoys are cut: none in which fire or smoke lies unlabelled.
DECOYS = ("no-fire", "coco-mini", "road", "bins", "fire-smoke")


def noise(rng, side=SIDE, octaves=5, stretch=1.0):
    """Smooth noise of several scales, 0..1, [side, side]; `stretch` > 1 draws it out upwards."""
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        cells = 3 * 2**octave
        raw = rng.random((max(2, int(cells / stretch)), cells), dtype=np.float32)
        total += cv2.resize(raw, (side, side), interpolation=cv2.INTER_CUBIC) / 1.7**octave
    total -= total.min()
    return total / max(1e-6, total.max())


def visible(alpha, least=0.25):
    """Box of what can be seen, as shares of the patch; None when nothing can."""
    ys, xs = np.nonzero(alpha > least)
    if len(ys) < 30:
        return None
    h, w = alpha.shape
    left, right = np.percentile(xs, (1, 99))
    top, bottom = np.percentile(ys, (1, 99))
    return left / w, top / h, (right + 1) / w, (bottom + 1) / h


def coordinates():
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    return x - 0.5, 1 - y


def flame(rng):
    """Tongues of fire that narrow upwards: dark red at the edge, yellow to white at the heart."""
    x, up = coordinates()
    bend = (noise(rng, octaves=3) - 0.5) * 0.5 * up
    width = rng.uniform(0.2, 0.45) * (1 - up**rng.uniform(0.8, 2)) * np.clip(up * 8 + 0.4, 0, 1)
    heat = 1 - np.abs(x + bend) / np.maximum(width, 1e-3)
    heat = np.clip(heat * 0.9 + (noise(rng, octaves=6, stretch=2) - 0.5) * 1.1, 0, 1)
    curve = lambda a, b: np.clip((heat - a) / b, 0, 1) ** 1.2 * 255  # noqa: E731
    colour = np.stack((curve(0.6, 0.8), curve(0.2, 0.7), curve(0.02, 0.35)), 2)
    return colour, np.clip(heat * 2.2, 0, 1)


def smoke(rng):
    """A plume or a cloud of white, grey or black smoke."""
    x, up = coordinates()
    if rng.random() < 0.7:
        spread = rng.uniform(0.05, 0.2) + up * rng.uniform(0.15, 0.4)
        lean = rng.uniform(-0.4, 0.4) * up**1.5
        body = np.clip(1.3 - np.abs(x - lean) / spread, 0, 1) * np.clip(up * 10, 0, 1) * np.clip((1 - up) * 4, 0, 1)
    else:
        body = np.clip(1.25 - np.hypot(x / rng.uniform(0.3, 0.5), (up - 0.5) / rng.uniform(0.3, 0.5)), 0, 1)
    alpha = np.clip(body * (0.25 + 1.3 * noise(rng, octaves=6)), 0, 1) * rng.uniform(0.6, 1.0)
    tone = rng.choice([rng.uniform(20, 70), rng.uniform(90, 170), rng.uniform(180, 245)])
    light = tone + (noise(rng, octaves=6) - 0.5) * rng.uniform(30, 90)
    colour = light[..., None] + rng.uniform(-8, 8, 3).astype(np.float32)
    return np.clip(colour, 0, 255).astype(np.float32), alpha.astype(np.float32)


def light(rng):
    """A lamp, headlight or low sun with its halo: bright, warm, and no fire."""
    x, up = coordinates()
    r = np.hypot(x, (up - 0.5) / rng.uniform(0.7, 1.3))
    core = np.clip((rng.uniform(0.05, 0.2) - r) * 30, 0, 1)
    alpha = np.clip(core + np.exp(-r * rng.uniform(7, 14)) * 0.9 - 0.03, 0, 1)
    warm = rng.uniform(0, 1)
    colour = np.array((255 - 190 * warm, 255 - 90 * warm, 255), np.float32)
    colour = core[..., None] * 255 + (1 - core[..., None]) * colour
    return colour.astype(np.float32), alpha.astype(np.float32)


def cloth(rng):
    """A sheet, vest, sign or box in red, orange or yellow."""
    hue, value = rng.uniform(0, 30), rng.uniform(120, 255)
    hsv = np.zeros((SIDE, SIDE, 3), np.uint8)
    hsv[..., 0], hsv[..., 1] = hue, rng.uniform(150, 255)
    hsv[..., 2] = np.clip(value * (0.7 + 0.3 * noise(rng, octaves=3)), 0, 255)
    alpha = np.zeros((SIDE, SIDE), np.float32)
    centre = np.array((SIDE / 2, SIDE / 2))
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 8)))
    radius = rng.uniform(0.25, 0.48, len(angles)) * SIDE
    corners = centre + np.stack((np.cos(angles), np.sin(angles)), 1) * radius[:, None]
    cv2.fillPoly(alpha, [corners.astype(np.int32)], 1.0, lineType=cv2.LINE_AA)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR).astype(np.float32), alpha


def plain(rng, side):
    """A bare room, wall, floor or asphalt: large even areas under uneven light, in which there is no smoke. uint8 [side, side, 3]."""
    image = np.empty((side, side, 3), np.float32)
    image[:] = np.clip(rng.uniform(30, 235) + rng.uniform(-20, 20, 3), 0, 255)
    corner = rng.uniform(0.2, 0.8, 4) * side
    for k in range(rng.integers(0, 4)):
        tone = [float(v) for v in np.clip(rng.uniform(20, 240) + rng.uniform(-25, 25, 3), 0, 255)]
        a, b = corner[k % 4], corner[(k + 1) % 4]
        shape = ([(0, a), (side, b), (side, side), (0, side)], [(0, 0), (a, 0), (b, side), (0, side)], [(b, 0), (side, 0), (side, side), (a, side)])
        cv2.fillPoly(image, [np.array(shape[k % 3], np.int32)], tone, lineType=cv2.LINE_AA)
    shade = cv2.resize(noise(rng, octaves=int(rng.integers(1, 4))), (side, side), interpolation=cv2.INTER_CUBIC)
    image *= (1 + (shade - 0.5) * rng.uniform(0.05, 0.5))[..., None]
    image += rng.normal(0, rng.uniform(0.5, 9), (side, side, 1)).astype(np.float32)
    return np.clip(image, 0, 255).astype(np.uint8)


def cut_flame(crop):
    """A flame cut from a labelled box: alpha is how bright and how red it is, soft at the rim. None when it is dull."""
    patch = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    bright = patch.max(2)
    warm = patch[..., 2] - patch[..., 0]
    alpha = np.clip((bright - 110) / 80, 0, 1) * np.clip((warm + 10) / 60, 0, 1)
    alpha = np.maximum(alpha, np.clip((bright - 225) / 25, 0, 1))
    x, up = coordinates()
    alpha *= np.clip((0.5 - np.maximum(np.abs(x), np.abs(up - 0.5))) * 12, 0, 1)
    if (alpha > 0.5).mean() < 0.12:
        return None
    return patch, cv2.GaussianBlur(alpha, (0, 0), 1.5)


def cut_decoys(image, things):
    """Lamps, bright windows and glaring red or orange things of a picture, soft at the rim; none that touches a box of `things`.

    `things`: rows (left, top, right, bottom) of all that is labelled. At most three a picture, the largest first.
    """
    h, w = image.shape[:2]
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    glaring = ((hsv[..., 0] < 25) | (hsv[..., 0] > 172)) & (hsv[..., 1] > 150) & (hsv[..., 2] > 130)
    cut = []
    for mask in (hsv[..., 2] >= 242, glaring):
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        for left, top, width, height, area in sorted(stats[1:].tolist(), key=lambda row: -row[4]):
            if area < 30 or area < 0.25 * width * height or max(width / w, height / h) > 0.4:
                continue
            # With its halo and a little of what it hangs on.
            mx, my = int(0.35 * width) + 3, int(0.35 * height) + 3
            box = max(0, left - mx), max(0, top - my), min(w, left + width + mx), min(h, top + height + my)
            if any(box[0] < r and box[2] > l and box[1] < b and box[3] > t for l, t, r, b in things):
                continue
            patch = cv2.resize(image[box[1] : box[3], box[0] : box[2]], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
            x, up = coordinates()
            alpha = np.clip((0.5 - np.hypot(x, up - 0.5)) * 5, 0, 1)
            cut.append((area, patch.astype(np.float32), alpha.astype(np.float32)))
    return [patch for _, *patch in sorted(cut, key=lambda one: -one[0])[:3]]


def cut_overlay(image, rng):
    """Real smoke on black → colour of smoke and alpha."""
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (SIDE, SIDE)).astype(np.float32)
    if rng.random() < 0.5:
        grey = grey[:, ::-1]
    alpha = np.clip((grey - 12) / max(60.0, float(np.percentile(grey, 99))), 0, 1) * rng.uniform(0.7, 1.0)
    tone = rng.choice([rng.uniform(25, 80), rng.uniform(100, 235)])
    colour = np.clip(tone + (grey - grey.mean()) * 0.3, 0, 255)
    return np.repeat(colour[..., None], 3, 2).astype(np.float32), alpha.astype(np.float32)


def bank(cache, overlays, rng, count=120):
    """Patches by kind: lists of (colour uint8, alpha uint8, box). `cache`: only its training pictures are cut from.

    `decoy` are drawn, `real` are cut out of pictures; neither burns.
    """
    made = {"flame": [], "smoke": [], "decoy": [], "real": []}

    def keep(kind, patch):
        box = patch and visible(patch[1])
        if box:
            made[kind].append((patch[0].astype(np.uint8), (patch[1] * 255).astype(np.uint8), box))

    for _ in range(count):
        keep("flame", flame(rng))
        keep("smoke", smoke(rng))
        keep("decoy", light(rng) if rng.random() < 0.6 else cloth(rng))
    for path in overlays:
        image = cv2.imread(str(path))
        for _ in range(8):
            keep("smoke", cut_overlay(image, rng))
    for i in cache.ids("train", ("fire-smoke", "fire-web", "fire-indoor")):
        image = cache.image(i)
        for c, left, top, right, bottom in cache.labels(i)[0]:
            crop = image[int(top) : int(bottom), int(left) : int(right)]
            if c == 0 and min(crop.shape[:2]) >= 24:
                keep("flame", cut_flame(crop))
    for i in cache.ids("train", DECOYS):
        boxes, ignored, _ = cache.labels(i)
        for patch in cut_decoys(cache.image(i), np.concatenate((boxes, ignored))[:, 1:]):
            keep("real", patch)
    return made


def paste(image, patch, left, top, width, height):
    """Blends a patch into a picture, in place, cut off at its edges."""
    colour, alpha, _ = patch
    h, w = image.shape[:2]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(w, left + width), min(h, top + height)
    if x1 <= x0 or y1 <= y0:
        return
    colour, alpha = (cv2.resize(p, (width, height), interpolation=cv2.INTER_LINEAR) for p in (colour, alpha))
    part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    a = alpha[part].astype(np.float32)[..., None] / 255
    target = image[y0:y1, x0:x1]
    target[:] = (target * (1 - a) + colour[part] * a).astype(np.uint8)
