"""`python -m train.release CHECKPOINT RUN --id hazard-416`: exports, calibrates, measures and writes model, manifest and card.

A class ships when its AP50 on the validation scenes reaches --least. One that does not is left out of the file, so that the
product shows what needs it as unavailable instead of watching blindly; the card says so.

A run on all scenes of fire (fold `all` of `train.folds`) leaves none to measure fire and smoke on. It takes their figures, and the
calibration and operating points of all classes, from a twin: a run of the same start, settings and seed that never saw the
validation scenes, released before with `--facts`.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from .cache import Cache
from .card import card
from .evaluate import gather, intervals, onnx_runner, predict, spread
from .export import SIDE, export
from .folds import MOVED
from .lay import KINDS, NEGATIVES, evaluated, lay
from .paths import CACHE, DATA, MODELS
from .sets import CLASSES, HAZARD
from .start import SHA256 as START_SHA256

SOURCE = (
    "trained by models/train from YOLOX-Nano COCO weights (Megvii-BaseDetection/YOLOX, Apache-2.0; ONNX file of sha256 "
    f"{START_SHA256}) on the sets named on the card"
)


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def manifest(path, options, labels, operating):
    return {
        "id": options.id,
        "file": path.name,
        "family": "yolox",
        "labels": labels,
        "input": {
            "width": SIDE,
            "height": SIDE,
            "order": "BGR",
            "range": "0-255",
            "resize": {"kind": "letterbox", "place": "top-left", "pad": 114, "trim": 32},
        },
        "thresholds": {
            "score": min(operating[n] for n in labels),
            "byLabel": {n: operating[n] for n in labels},
            "nmsIou": 0.5,
        },
        "sha256": sha256(path),
        "licence": "Apache-2.0",
        "source": f"{SOURCE}; run {options.run} of models/train/runs.md",
    }


def measured(path, cache, ids, truth, shipped):
    """Figures of a released file: ranges by Python, all others by `sharp-eyes models eval`."""
    found = spread(predict(onnx_runner(path, SIDE), cache, ids), shipped)
    ranges = intervals(found, truth, [cache.entries[i]["scene"] for i in ids])
    result = {"classes": {}, "kinds": {}}
    with tempfile.TemporaryDirectory() as folder:
        laid = lay(cache.entries, DATA, folder)
        for name in shipped:
            row = evaluated(path, Path(folder) / name)["classes"][name]
            result["classes"][name] = {**row, "pictures": laid[name], "overScenes": ranges[name]}
        for kind in (k for k in KINDS if k in laid):
            rows = evaluated(path, Path(folder) / kind)["classes"]
            result["kinds"][kind] = {n: r for n, r in rows.items() if r["boxes"]}
        result["falseBoxesPer100Negatives"] = evaluated(path, Path(folder) / NEGATIVES)["falseBoxesPer100Negatives"]
        result["negatives"] = laid[NEGATIVES]
    return result


def calibrated(checkpoint):
    """What `train.calibrate` finds for a checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        bare, points = Path(folder) / "bare.onnx", Path(folder) / "calibration.json"
        export(checkpoint, bare, list(CLASSES), {})
        subprocess.run([sys.executable, "-m", "train.calibrate", str(bare), str(points)], check=True)
        return json.loads(points.read_text())


def take_figures(result, twin):
    """Puts the twin's figures in the place of what would be counted on pictures that were trained on: the fire sets, fire and smoke."""
    for name in HAZARD:
        result["classes"][name] = twin["classes"][name]
    for kind in MOVED:
        if kind in twin["kinds"]:
            result["kinds"][kind] = twin["kinds"][kind]
    for key in ("falseBoxesPer100Negatives", "negatives"):
        result[key] = twin[key]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("run", help="its name in runs.md")
    parser.add_argument("--id", default="hazard-416")
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--least", type=float, default=0.4)
    parser.add_argument("--also", default="", help="classes that ship although below --least")
    parser.add_argument("--note", default="", help="a sentence for the card about this run")
    parser.add_argument("--facts", type=Path, help="where to write what the card is made of")
    parser.add_argument("--twin", type=Path, help="facts of the twin of a run on all scenes of fire")
    options = parser.parse_args()
    cards = options.out / "cards"
    cards.mkdir(parents=True, exist_ok=True)
    cache = Cache(CACHE)
    ids = cache.ids("val")
    truth = gather(cache, ids)
    twin = json.loads(options.twin.read_text()) if options.twin else None
    calibration = twin["fitted"] if twin else calibrated(options.checkpoint)
    ap = {n: r["ap"] for n, r in calibration["figures"].items()}
    also = [n for n in options.also.split(",") if n]
    shipped = [n for n in CLASSES if ap[n] >= options.least or n in also]
    path = options.out / f"{options.id}.onnx"
    export(options.checkpoint, path, shipped, calibration["logit"])
    operating = calibration["operating"]
    (options.out / f"{options.id}.json").write_text(json.dumps(manifest(path, options, shipped, operating), indent=2) + "\n")
    result = measured(path, cache, ids, truth, shipped)
    if twin:
        take_figures(result, twin)
    data = json.loads((CACHE / "data.json").read_text())
    facts = {
        "id": options.id,
        "run": options.run,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "dataHash": data["hash"],
        "boxes": data["boxes"],
        "twin": twin is not None,
        "operating": {n: operating[n] for n in shipped},
        "dropped": {n: ap[n] for n in CLASSES if n not in shipped},
        "reliability": {n: calibration["reliability"][n] for n in shipped},
        "calibrationError": {n: calibration["error"][n] for n in shipped},
        "calibration": {n: calibration["logit"][n] for n in shipped},
        **result,
    }
    (cards / f"{options.id}.md").write_text(card(facts, options.note, [n for n in HAZARD if n in shipped]))
    if options.facts:
        options.facts.write_text(json.dumps({**facts, "fitted": calibration}, indent=1))
    print(json.dumps({k: facts[k] for k in ("classes", "falseBoxesPer100Negatives", "negatives", "dropped")}, indent=1))


if __name__ == "__main__":
    main()
