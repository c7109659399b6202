"""Which cells answer for which box, and what their errors cost.

Assignment follows TOOD (Feng et al. 2021): cells near the middle of a box, ranked by score and overlap, the best ones taken.
Scores learn the overlap (quality focal loss, Li et al. 2020), boxes learn by GIoU. Places where a class is not labelled cost
nothing for that class.

A batch is worked out as one, with the lists of boxes filled up to the longest by rows of class -1 (`augment.Batch`).
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


def centres(cells):
    """Middle of each cell in pixels, [cells, 2]."""
    return (cells[:, :2] + 0.5) * cells[:, 2:]


def assign(scores, boxes, truth, cells):
    """Target scores [b, cells, classes] and the index of the true box of each cell [b, cells] (-1: none).

    `scores` [b, cells, classes] 0..1, `boxes` [b, cells, 4], `truth` [b, n, 5] (class or -1, l, t, r, b), all without gradient.
    """
    target = torch.zeros_like(scores)
    if truth.shape[1] == 0:
        return target, torch.full(scores.shape[:2], -1, dtype=torch.long, device=scores.device)
    label, true = truth[..., 0].long(), truth[..., 1:]
    middle = centres(cells)
    centre = (true[..., :2] + true[..., 2:]) / 2
    # Near the middle, and inside the box or with a box that overlaps it; for boxes smaller than a cell the nearest cells count.
    away = (middle - centre[:, :, None]).abs().amax(3)
    inside = ((middle > true[:, :, None, :2]) & (middle < true[:, :, None, 2:])).all(3)
    iou = pair_iou(true[:, :, None], boxes[:, None])
    allowed = (away < RADIUS * cells[:, 2]) & (inside | (iou > 0.05) | (away < cells[:, 2])) & (label >= 0)[..., None]
    of_label = scores.transpose(1, 2).gather(1, label.clamp(min=0)[..., None].expand(-1, -1, scores.shape[1]))
    metric = of_label.clamp(min=1e-4) ** SCORE_POWER * (iou + 0.02) ** OVERLAP_POWER * allowed
    best, rows = metric.topk(min(TOP, metric.shape[2]), 2)
    chosen = torch.zeros_like(metric, dtype=torch.bool).scatter_(2, rows, best > 0)
    highest, owner = torch.where(chosen, iou + 1e-3, 0.0).max(1)
    taken = highest > 0
    # The best cell of a box is asked for the overlap it has, the others for less (never below a floor: a box that is
    # still far off must be found before it can be fitted).
    metric = metric * chosen
    peak_iou = torch.where(chosen, iou, 0.0).amax(2, keepdim=True).clamp(min=0.3)
    strength = metric / metric.amax(2, keepdim=True).clamp(min=1e-9) * peak_iou
    strength = strength.gather(1, owner[:, None])[:, 0] * taken
    target.scatter_(2, label.gather(1, owner).clamp(min=0)[..., None], strength[..., None])
    return target, torch.where(taken, owner, -1)


def mask_of(batch, boxes, cells):
    """Weight of each score, [b, cells, classes] of 0 and 1: 0 where nobody said whether the class is there."""
    middle = centres(cells)
    within = lambda areas: ((middle >= areas[..., None, :2]) & (middle < areas[..., None, 2:])).all(3).float()  # noqa: E731
    here = within(batch.regions)
    weight = 1 - here.sum(1).clamp(max=1)[..., None] + torch.einsum("brk,brc->bkc", here, batch.known)
    if batch.ignored.shape[1]:
        label, area = batch.ignored[..., 0].long(), batch.ignored[..., 1:]
        # Only cells whose own box falls onto the ignored thing are in doubt.
        doubt = torch.maximum(within(area), (pair_iou(boxes[:, None], area[:, :, None]) > 0.4).float())
        of_class = F.one_hot(label.clamp(min=0), weight.shape[2]) * (label >= 0)[..., None]
        weight = weight * (torch.einsum("bmk,bmc->bkc", doubt, of_class.float()) == 0)
    return weight


def losses(raw, logits, batch, cells, importance=None):
    """(score loss, box loss) of a batch (`augment.Batch`).

    `importance` [classes]: factor of each class in the score loss. Without it the classes with most boxes drown the rest.
    """
    boxes = decode(raw.float(), cells)
    logits = logits.float()
    scores = logits.detach().sigmoid()
    target, owner = assign(scores, boxes.detach(), batch.truth, cells)
    weight = torch.where(target > 0, 1.0, mask_of(batch, boxes.detach(), cells))
    gap = (scores - target).abs()
    score_loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * gap**2 * weight
    box_loss = raw.sum() * 0
    if batch.truth.shape[1]:
        strength = target.amax(2) * (owner >= 0)
        true = batch.truth[..., 1:].gather(1, owner.clamp(min=0)[..., None].expand(-1, -1, 4))
        box_loss = ((1 - pair_iou(boxes, true, True)) * strength).sum() / strength.sum().clamp(min=1)
    if importance is not None:
        score_loss, target = score_loss * importance, target * importance
    return score_loss.sum() / target.sum().clamp(min=1), BOX_WEIGHT * box_loss
