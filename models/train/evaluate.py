"""`python -m train.evaluate MODEL`: AP of an ONNX file or a checkpoint on the validation part of the cache."""

import argparse
import functools
import json
import time
from pathlib import Path

import cv2
import numpy as np

from .measure import IOUS, average_precision, suppress
from .sets import CLASSES, HAZARD, INDEX

# The product pads to the next multiple of TRIM (`input.resize.trim` of the manifest), not to a square.
PAD, TRIM = 114, 32
LOWEST, NMS = 0.001, 0.5
# Classes whose finds on pictures without fire and smoke count as false.
SILENT = {"fire", "smoke"}


def letterbox(image, side, trim=TRIM):
    """BGR picture → float32 [3, h, w] at the top left, padded to multiples of `trim`, and the factor it was scaled by."""
    factor = min(side / image.shape[0], side / image.shape[1])
    size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
    height, width = (min(side, -(-used // trim) * trim) for used in (size[1], size[0]))
    canvas = np.full((height, width, 3), PAD, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return canvas.transpose(2, 0, 1).astype(np.float32), factor


def best_of_cell(boxes, scores, factor, lowest=LOWEST, nms=NMS):
    """Boxes [cells, 4], scores [cells, classes] → per class rows (score, l, t, r, b): one class a cell, then NMS."""
    label = scores.argmax(1)
    value = scores[np.arange(len(scores)), label]
    found = []
    for c in range(scores.shape[1]):
        rows = np.nonzero((label == c) & (value >= lowest))[0]
        rows = rows[np.argsort(-value[rows], kind="stable")][:400]
        kept = rows[suppress(boxes[rows], value[rows], nms)] if len(rows) else rows
        found.append(np.concatenate((value[kept, None], boxes[kept] / factor), 1)[:100])
    return found


def onnx_runner(path, side):
    """Function picture → (boxes, scores, factor) by ONNX Runtime on one thread, YOLOX grid."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    name = session.get_inputs()[0].name

    def run(image):
        tensor, factor = letterbox(image, side)
        out = session.run(None, {name: tensor[None]})[0][0]
        cells = np_grid(*tensor.shape[1:])
        centre = (out[:, :2] + cells[:, :2]) * cells[:, 2:]
        half = np.exp(out[:, 2:4]) * cells[:, 2:] / 2
        return np.concatenate((centre - half, centre + half), 1), out[:, 4:5] * out[:, 5:], factor

    return run


@functools.cache
def np_grid(height, width):
    from .network import grid

    return grid(height, width).numpy()


def torch_runner(model, side):
    """The same by the network itself, without export."""
    import torch

    from .network import decode, grid

    model.eval()

    def run(image):
        tensor, factor = letterbox(image, side)
        with torch.no_grad():
            x = torch.from_numpy(tensor)[None].contiguous(memory_format=torch.channels_last)
            raw, logits = model(x)
        return decode(raw[0], grid(*tensor.shape[1:])).numpy(), logits[0].sigmoid().numpy(), factor

    return run


def predict(run, cache, ids):
    """Finds of every picture: per picture, per class, rows (score, l, t, r, b) in pixels of the cached picture."""
    return [best_of_cell(*run(cache.image(i))) for i in ids]


def spread(found, labels):
    """Finds over the labels of a file → lists over all CLASSES, as `figures` wants them."""
    empty = np.zeros((0, 5))
    return [[rows[labels.index(c)] if c in labels else empty for c in CLASSES] for rows in found]


def labels_of(path):
    """Labels of an ONNX file by the manifest beside it; without one it has all CLASSES, as `export` leaves it."""
    manifest = path.with_suffix(".json")
    return json.loads(manifest.read_text())["labels"] if manifest.exists() else list(CLASSES)


def gather(cache, ids):
    """(boxes, ignored, known) of people's labels: the teacher's are never measured on."""
    teacher, cache.teacher = cache.teacher, {}
    labels = [cache.labels(i) for i in ids]
    cache.teacher = teacher
    return labels


def figures(found, labels, ious=(0.5,)):
    """Per class: AP (mean over `ious`) and true boxes, on the pictures whose set speaks of the class."""
    result = {}
    for c, name in enumerate(CLASSES):
        use = [k for k, (_, _, known) in enumerate(labels) if known[c] or any(labels[k][0][:, 0] == c)]
        pick = lambda rows: rows[rows[:, 0] == c][:, 1:]  # noqa: B023, E731
        truth, skip = [pick(labels[k][0]) for k in use], [pick(labels[k][1]) for k in use]
        rows = [found[k][c] for k in use]
        value = np.mean([average_precision(rows, truth, skip, iou) for iou in ious])
        result[name] = {"ap": round(float(value), 4), "boxes": int(sum(map(len, truth)))}
    return result


def intervals(found, labels, scenes, draws=200, seed=1):
    """Per class (5th, 95th percentile) of AP50 over scenes drawn with replacement: what another choice of scenes might have given.

    `scenes`: number of the scene of each picture. A class in few scenes has a wide range, whatever its number of boxes.
    """
    rng, result = np.random.default_rng(seed), {}
    for c, name in enumerate(CLASSES):
        of_class = lambda rows: rows[rows[:, 0] == c][:, 1:]  # noqa: B023, E731
        groups = {}
        for k, (boxes, ignored, known) in enumerate(labels):
            if known[c] or any(boxes[:, 0] == c):
                groups.setdefault(scenes[k], []).append((found[k][c], of_class(boxes), of_class(ignored)))
        groups = list(groups.values())
        values = []
        for _ in range(draws if groups else 0):
            drawn = [picture for g in rng.choice(len(groups), len(groups)) for picture in groups[g]]
            values.append(average_precision(*zip(*drawn)))
        values = [v for v in values if v == v]
        result[name] = tuple(round(float(v), 2) for v in np.percentile(values, (5, 95))) if values else None
    return result


def false_boxes(found, labels, thresholds):
    """Boxes of fire and smoke at their thresholds per 100 pictures that hold neither, and the number of those pictures."""
    silent = [
        k
        for k, (boxes, _, known) in enumerate(labels)
        if all(known[INDEX[n]] for n in HAZARD) and not np.isin(boxes[:, 0], [INDEX[n] for n in HAZARD]).any()
    ]
    count = sum(int((found[k][INDEX[n]][:, 0] >= thresholds[n]).sum()) for k in silent for n in HAZARD)
    return (100.0 * count / len(silent) if silent else float("nan")), len(silent)


def main():
    from .cache import Cache
    from .paths import CACHE

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="an ONNX file or a checkpoint (.pt)")
    parser.add_argument("--side", type=int, default=416)
    parser.add_argument("--set", action="append", help="only these sets")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    shipped = list(CLASSES)
    if options.model.suffix == ".onnx":
        run = onnx_runner(options.model, options.side)
        shipped = labels_of(options.model)
    else:
        from .checkpoint import load_model

        run = torch_runner(load_model(options.model), options.side)
    cache = Cache(CACHE)
    ids = cache.ids("val", options.set)
    started = time.process_time()
    found, labels = spread(predict(run, cache, ids), shipped), gather(cache, ids)
    result = figures(found, labels)
    for name, row in figures(found, labels, IOUS).items():
        result[name] = {"ap50": result[name]["ap"], "ap50_95": row["ap"], "boxes": row["boxes"]}
    rate, pictures = false_boxes(found, labels, {n: 0.5 for n in HAZARD})
    report = {
        "model": options.model.name,
        "pictures": len(ids),
        "classes": result,
        "falseBoxesPer100NegativesAt0.5": round(rate, 2),
        "negatives": pictures,
        "cpuMsPerPicture": round((time.process_time() - started) * 1000 / len(ids), 1),
    }
    if options.json:
        print(json.dumps(report))
        return
    for name, row in result.items():
        print(f"{name:14} AP50 {row['ap50']:.3f}  AP {row['ap50_95']:.3f}  boxes {row['boxes']}")
    print({k: v for k, v in report.items() if k != "classes"})


if __name__ == "__main__":
    main()
