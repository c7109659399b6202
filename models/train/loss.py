"""Which cells answer for which box, and what their errors cost.

Assignment follows TOOD (Feng et al. 2021): cells near the middle of a box, ranked by score and overlap, the best ones taken.
Scores learn the overlap (quality focal loss, Li et al. 2020), boxes learn by GIoU. Places where a class is not labelled cost
nothing for that class.
"""

import torch
from torch.nn import functional as F

from .network import decode

TOP, RADIUS = 10, 2.5
SCORE_POWER, OVERLAP_POWER = 0.5, 4.0
BOX_WEIGHT = 2.0


def pair_iou(a, b, generalised=False):
    """Overlap of boxes of equal or broadcast shape [..., 4]."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - shared
    iou = shared / union.clamp(min=1e-6)
    if not generalised:
        return iou
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1)
    return iou - (hull - union) / hull.clamp(min=1e-6)


def assign(scores, boxes, truth, cells):
    """For one picture: target scores [cells, classes], index of the true box of each cell (-1: none).

    `scores` [cells, classes] 0..1, `boxes` [cells, 4], `truth` [n, 5] (class, l, t, r, b), all without gradient.
    """
    target = torch.zeros_like(scores)
    owner = torch.full((len(scores),), -1, dtype=torch.long)
    if len(truth) == 0:
        return target, owner
    label, true = truth[:, 0].long(), truth[:, 1:]
    middle = (cells[:, :2] + 0.5) * cells[:, 2:]
    centre = (true[:, :2] + true[:, 2:]) / 2
    # Near the middle, and inside the box or with a box that overlaps it; for boxes smaller than a cell the nearest cells count.
    reach = RADIUS * cells[None, :, 2]
    near = (middle[None] - centre[:, None]).abs().amax(2) < reach
    inside = ((middle[None] > true[:, None, :2]) & (middle[None] < true[:, None, 2:])).all(2)
    iou = pair_iou(true[:, None], boxes[None])
    allowed = near & (inside | (iou > 0.05) | ((middle[None] - centre[:, None]).abs().amax(2) < cells[None, :, 2]))
    metric = scores[:, label].t().clamp(min=1e-4) ** SCORE_POWER * (iou + 0.02) ** OVERLAP_POWER * allowed
    best, rows = metric.topk(min(TOP, metric.shape[1]), 1)
    chosen = torch.zeros_like(metric, dtype=torch.bool).scatter_(1, rows, best > 0)
    value = torch.where(chosen, iou + 1e-3, torch.zeros_like(iou))
    highest, owner_of = value.max(0)
    owner = torch.where(highest > 0, owner_of, owner)
    taken = torch.nonzero(owner >= 0)[:, 0]
    mine = owner[taken]
    # The best cell of a box is asked for the overlap it has, the others for less (never below a floor: a box that is
    # still far off must be found before it can be fitted).
    chosen_metric = metric * chosen
    peak_iou = torch.where(chosen, iou, torch.zeros_like(iou)).amax(1).clamp(min=0.3)
    strength = chosen_metric[mine, taken] / chosen_metric.amax(1)[mine].clamp(min=1e-9) * peak_iou[mine]
    target[taken, label[mine]] = strength
    return target, owner


def mask_of(regions, ignored, boxes, cells, classes):
    """Weight of each score, [cells, classes] of 0 and 1: 0 where nobody said whether the class is there."""
    middle = (cells[:, :2] + 0.5) * cells[:, 2:]
    weight = torch.ones(len(cells), classes)
    for left, top, right, bottom, known in regions:
        here = (middle[:, 0] >= left) & (middle[:, 0] < right) & (middle[:, 1] >= top) & (middle[:, 1] < bottom)
        weight[here] = torch.from_numpy(known).float()
    for c, left, top, right, bottom in ignored.tolist():
        # Only cells whose own box falls onto the ignored thing are in doubt.
        area = boxes.new_tensor([left, top, right, bottom])
        doubt = (middle[:, 0] >= left) & (middle[:, 0] < right) & (middle[:, 1] >= top) & (middle[:, 1] < bottom)
        weight[doubt | (pair_iou(boxes, area) > 0.4), int(c)] = 0
    return weight


def losses(raw, logits, samples, cells, importance=None):
    """(score loss, box loss) of a batch. `samples`: per picture (truth [n, 5], ignored [m, 5], regions).

    `importance` [classes]: factor of each class in the score loss. Without it the classes with most boxes drown the rest.
    """
    boxes = decode(raw.float(), cells)
    logits = logits.float()
    scores = logits.detach().sigmoid()
    targets, weights, box_terms, box_weights = [], [], [], []
    for k, (truth, ignored, regions) in enumerate(samples):
        target, owner = assign(scores[k], boxes[k].detach(), truth, cells)
        weight = mask_of(regions, ignored, boxes[k].detach(), cells, logits.shape[2])
        weight = torch.where(target > 0, torch.ones_like(weight), weight)
        taken = torch.nonzero(owner >= 0)[:, 0]
        if len(taken):
            strength = target[taken].amax(1)
            box_terms.append((1 - pair_iou(boxes[k][taken], truth[owner[taken], 1:], True)) * strength)
            box_weights.append(strength)
        targets.append(target)
        weights.append(weight)
    target, weight = torch.stack(targets), torch.stack(weights)
    gap = (scores - target).abs()
    score_loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * gap**2 * weight
    if importance is not None:
        score_loss, target = score_loss * importance, target * importance
    total = target.sum().clamp(min=1)
    box_loss = torch.cat(box_terms).sum() / torch.cat(box_weights).sum().clamp(min=1) if box_terms else raw.sum() * 0
    return score_loss.sum() / total, BOX_WEIGHT * box_loss
