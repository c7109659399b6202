"""`python -m train.export CHECKPOINT OUT.onnx`: the averaged weights as an ONNX file of the family `yolox`.

One output [1, cells, 5 + classes]: x, y, w, h of the grid, then 1 in the place of objectness, then the scores. The calibration
(calibrate.py) is folded into the last convolutions. The Focus slices become the 6 × 6 convolution that they are.
"""

import argparse
import json
from pathlib import Path

import onnx
import torch
from torch import nn
from torch.nn import functional as F

from .checkpoint import load_model
from .network import Conv
from .sets import CLASSES

SIDE = 416


class PlainConv(nn.Module):
    def __init__(self, weight, bias, stride=1, padding=0, groups=1, act=True):
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight.detach().clone()), nn.Parameter(bias.detach().clone())
        self.stride, self.padding, self.groups, self.act = stride, padding, groups, act

    def forward(self, x):
        x = F.conv2d(x, self.weight, self.bias, self.stride, self.padding, groups=self.groups)
        return x * torch.sigmoid(x) if self.act else x


def plain(conv):
    return PlainConv(conv.weight * conv.scale, conv.bias, conv.stride, conv.padding, conv.groups, conv.act)


def focus_as_convolution(stem):
    """The slices and the 3 × 3 convolution behind them as one 6 × 6 convolution of stride 2: the same numbers."""
    folded = stem.weight * stem.scale
    wide = folded.new_zeros(folded.shape[0], 3, 6, 6)
    for phase, (dy, dx) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        wide[:, :, dy::2, dx::2] = folded[:, phase * 3 : phase * 3 + 3]
    return PlainConv(wide, stem.bias, 2, 2)


def replace(module):
    for name, child in module.named_children():
        if isinstance(child, Conv):
            setattr(module, name, plain(child))
        else:
            replace(child)


class Exported(nn.Module):
    """Pictures [1, 3, height, width], both multiples of 32 → rows of the family yolox. `calibration`: class → (slope, shift) of its logit."""

    def __init__(self, model, labels, calibration):
        super().__init__()
        self.stem = focus_as_convolution(model.backbone.stem)
        rows = [CLASSES.index(name) for name in labels]
        slope = torch.tensor([calibration.get(name, (1.0, 0.0))[0] for name in labels])
        shift = torch.tensor([calibration.get(name, (1.0, 0.0))[1] for name in labels])
        replace(model)
        for head in model.heads:
            for conv, extra in ((head.class_score, shift), (head.box_score, 0)):
                conv.weight = nn.Parameter(conv.weight[rows] * slope[:, None, None, None])
                conv.bias = nn.Parameter(conv.bias[rows] * slope + extra)
        self.model = model

    def forward(self, x):
        backbone = self.model.backbone
        c3 = backbone.dark3(backbone.dark2(self.stem(x)))
        c4 = backbone.dark4(c3)
        levels = self.model.neck(c3, c4, backbone.dark5(c4))
        pairs = [head(level) for head, level in zip(self.model.heads, levels)]
        boxes = torch.cat([p[0].flatten(2) for p in pairs], 2)
        scores = torch.cat([p[1].flatten(2) for p in pairs], 2).sigmoid()
        return torch.cat((boxes, torch.ones_like(boxes[:, :1]), scores), 1).transpose(1, 2)


def export(checkpoint, out, labels, calibration, side=SIDE):
    model = Exported(load_model(checkpoint), labels, calibration).eval()
    torch.onnx.export(
        model, (torch.zeros(1, 3, side, side),), str(out), input_names=["images"], output_names=["output"],
        opset_version=17, dynamo=False,
        # Cameras are wide: with open sides the padding of a square need not be computed (`trim` in the manifest).
        dynamic_axes={"images": {2: "height", 3: "width"}, "output": {1: "cells"}},
    )  # fmt: skip
    graph = onnx.load(str(out))
    # The exporter forgets the sizes that stay fixed; a reader tells the family by them.
    axes = graph.graph.output[0].type.tensor_type.shape.dim
    axes[0].dim_value, axes[2].dim_value = 1, 5 + len(labels)
    # Any multiple of 32 runs, but operating points hold for this size alone: who loads the file can tell.
    for key in ("input.width", "input.height"):
        graph.metadata_props.add(key=key, value=str(side))
    graph.doc_string = "Sharp Eyes hazard detector; see models/cards"
    onnx.checker.check_model(graph)
    onnx.save(graph, str(out))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--labels", default=",".join(CLASSES), help="classes that ship")
    parser.add_argument("--calibration", type=Path, help="calibration.json of calibrate.py")
    options = parser.parse_args()
    calibration = json.loads(options.calibration.read_text())["logit"] if options.calibration else {}
    export(options.checkpoint, options.out, options.labels.split(","), calibration)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
