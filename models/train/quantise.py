"""`python -m train.quantise IN.onnx OUT.onnx`: static int8 (QDQ), weights by channel, fitted on training pictures.

The last convolutions, where boxes and scores are made, and what joins them stay in float: one scale for both would crush the
scores. So do the stem and the first stage, whose few channels reach far apart: in int8 they alone cost 20 to 40 points (runs.md).
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from .cache import Cache
from .evaluate import letterbox
from .export import SIDE
from .paths import CACHE

FIRST = ("stem", "dark2")
OPERATORS = ("Conv", "Sigmoid", "Mul", "Add", "Concat", "MaxPool", "Resize")


class Pictures(CalibrationDataReader):
    def __init__(self, cache, name, side, count, seed=7):
        ids = cache.ids("train")
        chosen = np.random.default_rng(seed).choice(ids, count, replace=False)
        self.rows = ({name: letterbox(cache.image(int(i)), side)[0][None]} for i in chosen)

    def get_next(self):
        return next(self.rows, None)


def tail(graph):
    """Names of the nodes behind the branches of the heads: those that make boxes and scores, and join them."""
    makers = {out: node for node in graph.node for out in node.output}
    names, waiting = set(), [graph.output[0].name]
    while waiting:
        node = makers.get(waiting.pop())
        if node is None or node.name in names:
            continue
        names.add(node.name)
        # A convolution ends the tail: it belongs to it, what feeds it does not.
        if node.op_type != "Conv":
            waiting += list(node.input)
    return names


def quantise(source, target, cache, count=160, method="minmax", keep=FIRST):
    """Writes `target`. `keep`: parts of node names that stay in float besides the tail."""
    methods = {
        "minmax": CalibrationMethod.MinMax,
        "percentile": CalibrationMethod.Percentile,
        "entropy": CalibrationMethod.Entropy,
    }
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
        graph = onnx.load(str(ready)).graph
        # Open sides (`dynamic_axes` of export.py) say nothing.
        side = graph.input[0].type.tensor_type.shape.dim[2].dim_value or SIDE
        left_out = tail(graph) | {n.name for n in graph.node if any(k in n.name for k in keep)}
        quantize_static(
            str(ready),
            str(target),
            Pictures(cache, graph.input[0].name, side, count),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(OPERATORS),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=sorted(left_out),
            calibrate_method=methods[method],
            extra_options={"CalibPercentile": 99.995, "ActivationSymmetric": False},
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--count", type=int, default=160, help="training pictures that set the ranges")
    parser.add_argument("--method", choices=("minmax", "percentile", "entropy"), default="minmax")
    parser.add_argument("--keep", action="append", help="part of a node's name that stays in float instead of the first stages")
    options = parser.parse_args()
    quantise(options.source, options.target, Cache(CACHE), options.count, options.method, options.keep or FIRST)
    print(f"{options.target}: {options.target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
