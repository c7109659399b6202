"""`python -m train.restore MODEL.onnx OUT.pt`: the weights of a shipped file as a checkpoint to start from, when its own is lost.

Exporting folds the calibration into the scores, and no file says by how much. It is taken out again as far as training pictures
tell: slope and shift of each class that cost least in the loss of training. A class that the file lacks starts anew.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from .augment import Sampler, batch_of
from .cache import Cache
from .checkpoint import save
from .evaluate import labels_of
from .loss import losses
from .network import Conv, Detector, grid
from .paths import CACHE
from .sets import CLASSES
from .start import PRIOR_LOGIT

SIDE, BATCHES, BATCH, ROUNDS = 320, 16, 16, 150


def read(path, labels):
    """Detector with the weights of an ONNX file of `train.export` whose scores are those of `labels`, calibration included."""
    tensors = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in onnx.load(str(path)).graph.initializer}
    model = Detector(len(CLASSES))
    for name, conv in model.named_modules():
        if not isinstance(conv, Conv):
            continue
        first = name == "backbone.stem"
        weight, bias = (tensors[f"{'stem' if first else f'model.{name}'}.{kind}"] for kind in ("weight", "bias"))
        if first:
            weight = torch.cat([weight[:, :, dy::2, dx::2] for dy, dx in ((0, 0), (1, 0), (0, 1), (1, 1))], 1)
        scale = None
        if name.endswith(("class_score", "box_score")):
            scale = weight.pow(2).mean().sqrt()
            weight, bias = all_rows(weight, bias, labels, PRIOR_LOGIT if name.endswith("class_score") else 0.0)
        conv.load(weight, bias, scale)
    return model.to(memory_format=torch.channels_last).eval()


def all_rows(weight, bias, labels, prior):
    """Scores of `labels` → scores of all CLASSES; a missing one gets small weights and the bias `prior`."""
    rows = torch.randn(len(CLASSES), *weight.shape[1:]) * 0.01
    biases = torch.full((len(CLASSES),), prior)
    at = [CLASSES.index(name) for name in labels]
    rows[at], biases[at] = weight, bias
    return rows, biases


def calibration_of(model, batches):
    """Slope and shift of each class [classes] by which the logits of a detector would cost least on these batches."""
    cells = grid(SIDE, SIDE)
    with torch.no_grad():
        seen = [(batch, *model(batch.images.float().contiguous(memory_format=torch.channels_last))) for batch in batches]
    slope, shift = torch.ones(len(CLASSES), requires_grad=True), torch.zeros(len(CLASSES), requires_grad=True)
    optimiser = torch.optim.Adam([slope, shift], lr=0.05)
    for _ in range(ROUNDS):
        optimiser.zero_grad()
        for batch, raw, logits in seen:
            (losses(raw, logits * slope + shift, batch, cells)[0] / len(seen)).backward()
        optimiser.step()
    return slope.detach(), shift.detach()


def rescale(model, slope, shift):
    """Gives every score `slope` times its logit plus `shift`."""
    for head in model.heads:
        for conv, extra in ((head.class_score, shift), (head.box_score, 0)):
            conv.load(conv.weight * conv.scale * slope[:, None, None, None], conv.bias * slope + extra, conv.scale.clone())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    torch.manual_seed(7)
    torch.set_num_threads(1)
    labels = labels_of(options.model)
    model = read(options.model, labels)
    sampler = Sampler(Cache(CACHE), {}, 7)
    sampler.rng = np.random.default_rng(7)
    slope, shift = calibration_of(model, [batch_of([sampler.sample(SIDE) for _ in range(BATCH)]) for _ in range(BATCHES)])
    rescale(model, slope, shift)
    save(options.out, average=model.state_dict(), of=[str(options.model)])
    for name, a, b in zip(CLASSES, slope.tolist(), shift.tolist()):
        print(f"{name:14} slope {a:.2f}, shift {b:+.2f}" + ("" if name in labels else " (begins anew)"))


if __name__ == "__main__":
    main()
