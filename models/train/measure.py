"""COCO's average precision, by 101 points of recall, and false boxes on negatives."""

import numpy as np

IOUS = tuple(0.5 + 0.05 * i for i in range(10))


def iou_matrix(a, b):
    """Overlap of boxes (left, top, right, bottom) [n, 4] and [m, 4] → [n, m]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(2)
    area = lambda r: (r[:, 2] - r[:, 0]) * (r[:, 3] - r[:, 1])  # noqa: E731
    return shared / (area(a)[:, None] + area(b)[None] - shared + 1e-9)


def average_precision(found, truth, ignored, iou=0.5):
    """AP of one class. `found`: per picture rows (score, l, t, r, b); `truth`, `ignored`: per picture [n, 4].

    NaN without a true box. A find that hits nothing but an ignored box counts neither way.
    """
    total = sum(len(t) for t in truth)
    if total == 0:
        return float("nan")
    scores, hits = [], []
    for rows, boxes, skip in zip(found, truth, ignored):
        if len(rows) == 0:
            continue
        rows = rows[np.argsort(-rows[:, 0], kind="stable")][:100]
        overlaps = iou_matrix(rows[:, 1:], boxes) if len(boxes) else np.zeros((len(rows), 0))
        skipped = iou_matrix(rows[:, 1:], skip).max(1) >= iou if len(skip) else np.zeros(len(rows), bool)
        taken = np.zeros(len(boxes), bool)
        for row, line, out in zip(rows, overlaps, skipped):
            line = np.where(taken, -1, line)
            best = int(line.argmax()) if len(line) else -1
            hit = best >= 0 and line[best] >= iou
            if hit:
                taken[best] = True
            elif out:
                continue
            scores.append(row[0])
            hits.append(hit)
    if not scores:
        return 0.0
    hits = np.array(hits)[np.argsort(-np.array(scores), kind="stable")]
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(right / total, np.linspace(0, 1, 101), side="left")
    return float(np.where(at < len(precision), precision[np.minimum(at, len(precision) - 1)], 0).mean())


def suppress(boxes, scores, iou):
    """Indices of the boxes [n, 4] that stay, best first: greedy, as the decoder of the product does it."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        if len(order):
            order = order[iou_matrix(boxes[best][None], boxes[order])[0] <= iou]
    return np.array(kept, int)
