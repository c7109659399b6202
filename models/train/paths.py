"""Where things lie. Pictures and caches stay outside the repository; environment variables move them."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASSETS = Path(os.environ.get("SHARP_EYES_ASSETS", ROOT.parent / "shared" / "assets"))
DATA = ASSETS / "data"
WORK = Path(os.environ.get("SHARP_EYES_TRAIN", ROOT / "data-train"))
CACHE = WORK / "cache"
RUNS = WORK / "runs"
START = ASSETS / "models" / "coco-yolox-nano-416.onnx"
MODELS = ROOT / "models"
