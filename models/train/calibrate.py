"""`python -m train.calibrate MODEL`: makes scores mean how often they are right, and chooses operating points.

Both are fitted on the validation part. What is printed about them is cross-fitted: each half of the scenes is judged by what
was fitted on the other half.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from .evaluate import figures, gather, onnx_runner, predict
from .measure import iou_matrix
from .sets import CLASSES, HAZARD, INDEX

BINS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
LOWEST = 0.02
# Boxes of fire, and of smoke, that 100 pictures without either may show at the operating point.
FALSE_EACH = 2.0
# So much F1 is noise with few boxes. Within it fire and smoke take the lowest score: a missed fire costs more than a find that the rules still drop.
SLACK = 0.02


def logit(p):
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def judged(found, labels, c):
    """(score, hit, picture) of every find of class `c` on pictures whose set speaks of it."""
    rows = []
    for k, (boxes, ignored, known) in enumerate(labels):
        truth = boxes[boxes[:, 0] == c][:, 1:]
        if not (known[c] or len(truth)):
            continue
        finds = found[k][c]
        taken = np.zeros(len(truth), bool)
        skip = ignored[ignored[:, 0] == c][:, 1:]
        for find in finds[finds[:, 0] >= LOWEST]:
            overlaps = np.where(taken, -1, iou_matrix(find[None, 1:], truth)[0]) if len(truth) else np.zeros(0)
            best = int(overlaps.argmax()) if len(overlaps) else -1
            hit = best >= 0 and overlaps[best] >= 0.5
            if hit:
                taken[best] = True
            elif len(skip) and iou_matrix(find[None, 1:], skip).max() >= 0.5:
                continue
            rows.append((find[0], float(hit), k))
    return np.array(rows).reshape(-1, 3)


def fit(rows):
    """Slope and shift of the logit by which scores become shares of hits (Platt). Too few finds: as it is."""
    if len(rows) < 20 or rows[:, 1].sum() < 5:
        return 1.0, 0.0
    z, y = logit(rows[:, 0]), rows[:, 1]

    def cost(w):
        v = w[0] * z + w[1]
        # A weak pull towards "as it is": few finds must not turn a score upside down.
        return np.mean(np.logaddexp(0, v) - y * v) + ((w[0] - 1) ** 2 + 0.1 * w[1] ** 2) / len(z)

    slope, shift = minimize(cost, (1.0, 0.0)).x
    return float(max(slope, 0.2)), float(shift)


def apply(rows, calibration):
    out = rows.copy()
    out[:, 0] = 1 / (1 + np.exp(-(calibration[0] * logit(rows[:, 0]) + calibration[1])))
    return out


def reliability(rows):
    """Per range of scores: [from, to, finds, mean score, share of hits]."""
    table, low = [], 0.0
    for high in BINS:
        inside = rows[(rows[:, 0] >= low) & (rows[:, 0] < high)]
        if len(inside):
            table.append([low, high, len(inside), round(float(inside[:, 0].mean()), 3), round(float(inside[:, 1].mean()), 3)])
        low = high
    return table


def expected_error(rows):
    """Mean gap between score and share of hits over the ranges, weighted by finds."""
    table = reliability(rows)
    return sum(n * abs(s - h) for _, _, n, s, h in table) / max(1, sum(r[2] for r in table))


def operating_point(rows, total, negatives, most_false, slack=0.0):
    """Score of best F1 that keeps false boxes on `negatives` pictures at or below `most_false` per hundred; the lowest that comes within `slack` of it."""
    order = rows[np.argsort(-rows[:, 0], kind="stable")]
    if len(order) == 0 or total == 0:
        return 0.5
    right = np.cumsum(order[:, 1])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + total)
    on_negatives = np.cumsum(np.isin(order[:, 2], list(negatives)))
    allowed = on_negatives <= most_false * len(negatives) / 100
    if not allowed.any():
        return 0.95
    f1 = np.where(allowed, f1, -1)
    best = int(np.nonzero(f1 >= f1.max() - slack)[0][-1]) if slack else int(f1.argmax())
    # Between this find and the next weaker one: the middle, so that int8 does not tip it over.
    below = order[best + 1, 0] if best + 1 < len(order) else order[best, 0] * 0.9
    return round(float((order[best, 0] + below) / 2), 3)


def main():
    from .cache import Cache
    from .paths import CACHE

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="ONNX file exported without calibration, all classes")
    parser.add_argument("out", type=Path)
    parser.add_argument("--side", type=int, default=416)
    options = parser.parse_args()
    cache = Cache(CACHE)
    ids = cache.ids("val")
    found, labels = predict(onnx_runner(options.model, options.side), cache, ids), gather(cache, ids)
    half = np.array([cache.entries[i]["scene"] % 2 for i in ids])
    hazard = [INDEX[n] for n in HAZARD]
    negatives = {
        k for k, (boxes, _, known) in enumerate(labels) if known[hazard].all() and not np.isin(boxes[:, 0], hazard).any()
    }
    result = {"logit": {}, "operating": {}, "reliability": {}, "error": {}, "figures": figures(found, labels)}
    for c, name in enumerate(CLASSES):
        rows = judged(found, labels, c)
        which = half[rows[:, 2].astype(int)] if len(rows) else np.zeros(0)
        crossed = np.concatenate([apply(rows[which == h], fit(rows[which != h])) for h in (0, 1)])
        calibration = fit(rows)
        total = sum(int((boxes[:, 0] == c).sum()) for boxes, _, _ in labels)
        silent = negatives if name in HAZARD else {k for k, r in enumerate(labels) if r[2][c] and not (r[0][:, 0] == c).any()}
        result["logit"][name] = [round(v, 4) for v in calibration]
        most = FALSE_EACH if name in HAZARD else 2.0
        slack = SLACK if name in HAZARD else 0.0
        result["operating"][name] = operating_point(apply(rows, calibration), total, silent, most, slack)
        result["reliability"][name] = reliability(crossed)
        result["error"][name] = [round(expected_error(rows), 3), round(expected_error(crossed), 3)]
    options.out.write_text(json.dumps(result, indent=1))
    for name in CLASSES:
        print(name, result["logit"][name], "operating point", result["operating"][name], "error before, after", result["error"][name])


if __name__ == "__main__":
    main()
