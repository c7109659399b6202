"""Where the weights start: YOLOX-Nano trained on COCO (Megvii, Apache-2.0), read from its ONNX file."""

import hashlib

import onnx
import torch
from onnx import numpy_helper

from .network import Detector
from .sets import CLASSES

SHA256 = "695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14"
# Rows of COCO's 80 classes from which a class of ours may start.
COCO_ROWS = {"person": [0], "vehicle": [2, 5, 7, 3]}
PRIOR_LOGIT = -4.5


def convolutions(path):
    """Weights and biases of every convolution of an ONNX file in the order of its graph."""
    with open(path, "rb") as file:
        data = file.read()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ValueError(f"{path} has sha256 {found}, expected {SHA256}")
    model = onnx.load_model_from_string(data)
    tensors = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in model.graph.initializer}
    return [(tensors[n.input[1]], tensors[n.input[2]]) for n in model.graph.node if n.op_type == "Conv"]


def load_coco(model: Detector, path) -> None:
    """Fills a detector: all shared convolutions as they are, scores of the classes COCO knows, a low prior elsewhere."""
    names = {module: name for name, module in model.named_modules()}
    for conv, (weight, bias) in zip(in_order(model), convolutions(path), strict=True):
        name = names[conv]
        scale = None
        if name.endswith(("class_score", "box_score")):
            # New rows are small, yet learn as fast as those of COCO.
            scale = weight.pow(2).mean().sqrt()
            weight, bias = score_rows(weight, bias, name.endswith("box_score"))
        conv.load(weight, bias, scale)


def in_order(model):
    """Convolutions in the order in which they run, which is the order of the exported graph."""
    order = []
    hooks = [c.register_forward_hook(lambda module, *_: order.append(module)) for c in model.convs()]
    with torch.no_grad():
        model.eval()(torch.zeros(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    return order


def score_rows(weight, bias, objectness):
    """Scores of our classes out of COCO's. Objectness goes, weakened, to the classes that COCO does not know."""
    rows, biases = [], []
    for name in CLASSES:
        known = COCO_ROWS.get(name)
        if objectness:
            rows.append(weight[0] * (1.0 if known else 0.5))
            biases.append(bias[0] if known else torch.tensor(0.0))
        elif known:
            rows.append(weight[known].mean(0))
            biases.append(bias[known].mean() - 1.0)
        else:
            rows.append(torch.randn_like(weight[0]) * 0.01)
            biases.append(torch.tensor(PRIOR_LOGIT))
    return torch.stack(rows), torch.stack(biases)
