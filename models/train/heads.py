"""`python -m train.heads RUN`: heads first, on features of the frozen body that are worked out once.

A step then costs a fifth of a step of the whole network; `train.train RUN2 --init runs/RUN/last.pt` goes on with all of it. Both
parts go on where they were stopped.
"""

import argparse
import json
import pickle
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from .augment import Sampler
from .cache import Cache
from .checkpoint import save
from .draw import bank
from .export import Exported
from .loss import losses
from .network import Detector, grid
from .paths import ASSETS, CACHE, RUNS, START
from .sets import CLASSES
from .start import load_coco
from .train import measure

CHUNK = 64
SAVE_EVERY_S = 120


class Body(nn.Module):
    """Everything before the heads: three maps of 64, 128 and 256 channels, flattened and joined."""

    def __init__(self, model):
        super().__init__()
        self.inner = Exported(model, list(CLASSES), {})

    def forward(self, x):
        backbone = self.inner.model.backbone
        c3 = backbone.dark3(backbone.dark2(self.inner.stem(x)))
        c4 = backbone.dark4(c3)
        maps = self.inner.model.neck(c3, c4, backbone.dark5(c4))
        return torch.cat([m.flatten(1) for m in maps], 1)


def body_session(side):
    model = Detector(len(CLASSES))
    load_coco(model, START)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "body.onnx"
        torch.onnx.export(
            Body(model).eval(), (torch.zeros(1, 3, side, side),), str(path), input_names=["images"], opset_version=17,
            dynamo=False,
        )  # fmt: skip
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(str(path), options)


def widths(side):
    return [c * (side // s) ** 2 for c, s in ((64, 8), (128, 16), (256, 32))]


def work_out(folder, cache, options):
    """Features of `--samples` drawn pictures, in chunks: one .npy (float16) and one .pkl of labels each."""
    session = sampler = None
    for chunk in range(-(-options.samples // CHUNK)):
        target = folder / f"features-{chunk:04}.npy"
        if target.exists():
            continue
        if session is None:
            session = body_session(options.side)
            overlays = sorted((ASSETS / "data" / "smoke-overlays").glob("*.jpg"))
            sampler = Sampler(cache, bank(cache, overlays, np.random.default_rng(options.seed)), options.seed, 0.5)
        sampler.rng = np.random.default_rng(options.seed * 1_000_003 + chunk)
        rows, labels = np.empty((CHUNK, sum(widths(options.side))), np.float16), []
        for k in range(CHUNK):
            image, boxes, ignored, regions = sampler.sample(options.side)
            tensor = image.transpose(2, 0, 1)[None].astype(np.float32)
            rows[k] = session.run(None, {"images": tensor})[0][0]
            labels.append((boxes, ignored, regions))
        (folder / f"labels-{chunk:04}.pkl").write_bytes(pickle.dumps(labels))
        np.save(folder / "part.npy", rows)
        (folder / "part.npy").replace(target)


def load_chunk(folder, chunk, side):
    """([maps of three levels], samples) of one chunk."""
    rows = torch.from_numpy(np.load(folder / f"features-{chunk:04}.npy")).float()
    labels = pickle.loads((folder / f"labels-{chunk:04}.pkl").read_bytes())
    maps = [
        part.reshape(len(rows), c, side // s, side // s).contiguous(memory_format=torch.channels_last)
        for part, c, s in zip(rows.split(widths(side), 1), (64, 128, 256), (8, 16, 32))
    ]
    return maps, [(torch.from_numpy(b), torch.from_numpy(i), r) for b, i, r in labels]


def forward(heads, maps):
    pairs = [head(level) for head, level in zip(heads, maps)]
    return tuple(torch.cat([p[i].flatten(2) for p in pairs], 2).transpose(1, 2) for i in (0, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--samples", type=int, default=3072)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--side", type=int, default=320)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--average", type=float, default=0.99)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--evaluate", type=int, default=0, help="measure every so many steps; 0: at the end only")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    folder = RUNS / options.run
    folder.mkdir(parents=True, exist_ok=True)
    cache = Cache(CACHE)
    log = (folder / "log.jsonl").open("a", buffering=1)
    log.write(json.dumps({"settings": vars(options)}) + "\n")
    work_out(folder, cache, options)
    log.write(json.dumps({"features": options.samples, "cpu_s": round(time.process_time())}) + "\n")
    model = Detector(len(CLASSES)).to(memory_format=torch.channels_last)
    load_coco(model, START)
    optimiser = torch.optim.AdamW(model.heads.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.02)
    average, step = {k: v.clone() for k, v in model.state_dict().items()}, 0
    last = folder / "last.pt"
    if last.exists():
        state = torch.load(last, map_location="cpu", weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average, step = state["average"], state["step"]
    cells, chunks = grid(options.side, options.side), -(-options.samples // CHUNK)
    saved, sums, per_chunk = time.monotonic(), [], CHUNK // options.batch
    while step < options.steps:
        rng = np.random.default_rng(options.seed + step)
        maps, samples = load_chunk(folder, int(rng.integers(chunks)), options.side)
        order = rng.permutation(CHUNK)
        for k in range(per_chunk):
            ids = order[k * options.batch : (k + 1) * options.batch]
            rate = options.rate * min(1, (step + 1) / 50) * max(0.02, 1 - step / options.steps)
            for group in optimiser.param_groups:
                group["lr"] = rate
            raw, logits = forward(model.heads, [m[ids] for m in maps])
            score, box = losses(raw, logits, [samples[i] for i in ids], cells)
            optimiser.zero_grad(set_to_none=True)
            (score + box).backward()
            torch.nn.utils.clip_grad_norm_(model.heads.parameters(), 10.0)
            optimiser.step()
            step += 1
            share = min(options.average, (1 + step) / (10 + step))
            with torch.no_grad():
                for key, value in model.state_dict().items():
                    if key.startswith("heads"):
                        average[key].lerp_(value, 1 - share)
            sums.append((score.item(), box.item()))
        if step % 40 < per_chunk:
            means = [round(float(v), 4) for v in np.mean(sums, 0)]
            log.write(json.dumps({"step": step, "score, box": means, "cpu_s": round(time.process_time())}) + "\n")
            sums = []
        done = step >= options.steps
        if time.monotonic() - saved > SAVE_EVERY_S or done:
            save(last, model=model.state_dict(), optimiser=optimiser.state_dict(), average=average, step=step)
            saved = time.monotonic()
        if done or (options.evaluate and step % options.evaluate < per_chunk):
            measured = Detector(len(CLASSES)).to(memory_format=torch.channels_last)
            measured.load_state_dict(average)
            ids = cache.ids("val")
            from .evaluate import gather

            log.write(json.dumps({"step": step, "val": measure(measured, cache, ids, gather(cache, ids))}) + "\n")


if __name__ == "__main__":
    main()
