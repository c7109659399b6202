"""`python -m train.train RUN`: trains, or goes on from the last checkpoint of the run.

The learning rate stays level until `--decay-at`, then falls to nothing at `--steps`: both may be changed when a run goes on,
so that a run can end whenever the time is up. Every `--evaluate` steps the averaged weights are measured.
"""

import argparse
import json
import math
import time

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from . import evaluate
from .augment import Batch, Sampler, batch_of
from .cache import Cache
from .checkpoint import save
from .draw import bank
from .loss import losses
from .network import Detector, grid
from .paths import ASSETS, CACHE, RUNS, START
from .sets import CLASSES, HAZARD, INDEX
from .start import load_coco


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--decay-at", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--sides", default="288,320,320,352", help="sides of the input, drawn for each batch")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--body-rate", type=float, default=0.4, help="share of the rate for all but the heads")
    parser.add_argument("--mosaic", type=float, default=0.5)
    parser.add_argument("--importance", default="", help="factor of a class in the score loss: fire=3,face_bare=2")
    parser.add_argument("--sets", default="", help="factor of how often a set is drawn: fire-web=2,masks=0.7")
    parser.add_argument("--colour", type=float, default=1.0, help="0..1: how often and how strongly colours are taken away")
    parser.add_argument("--average", type=float, default=0.996)
    parser.add_argument("--evaluate", type=int, default=300, help="measure every so many steps; 0: never")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw pictures")
    parser.add_argument("--device", default="cpu", help="cpu, or cuda: there in bfloat16 with float32 weights")
    parser.add_argument("--thaw", action="store_true", help="train stem and first stage too")
    parser.add_argument("--patches", type=int, default=120, help="drawn flames, plumes and decoys of each kind")
    parser.add_argument("--save-every", type=float, default=120, help="seconds")
    parser.add_argument("--init", help="checkpoint of another run to start from instead of COCO's weights")
    return parser.parse_args()


def factors_of(text):
    """`a=2,b=3` → {"a": 2.0, "b": 3.0}."""
    return {name: float(value) for name, value in (part.split("=") for part in filter(None, text.split(",")))}


def importance_of(text):
    """[classes] of 1 but for the classes named in `text`. An unknown class raises KeyError."""
    factors = torch.ones(len(CLASSES))
    for name, value in factors_of(text).items():
        factors[INDEX[name]] = value
    return factors


def rate_at(step, options):
    warm = min(1.0, (step + 1) / 100)
    if step < options.decay_at:
        return options.rate * warm
    left = (options.steps - step) / max(1, options.steps - options.decay_at)
    return options.rate * max(0.01, left) * warm


def groups(model, options):
    """Parameters of the heads and of the rest; frozen first stages are in neither."""
    model.backbone.frozen = not options.thaw
    still = (model.backbone.stem, model.backbone.dark2) if model.backbone.frozen else ()
    frozen = {id(p) for m in still for p in m.parameters()}
    head = [p for p in model.heads.parameters()]
    heads = {id(p) for p in head}
    body = [p for p in model.parameters() if id(p) not in frozen and id(p) not in heads]
    return [{"params": head, "share": 1.0}, {"params": body, "share": options.body_rate}]


class Steps(Dataset):
    """The batch of each step, drawn from the step's own seed: a run that was stopped goes on with the same pictures."""

    def __init__(self, sampler, options):
        self.sampler, self.seed, self.batch = sampler, options.seed, options.batch
        self.sides = [int(s) for s in options.sides.split(",")]

    def __getitem__(self, step):
        rng = self.sampler.rng = np.random.default_rng(self.seed * 1_000_003 + step)
        side = int(rng.choice(self.sides))
        return batch_of([self.sampler.sample(side) for _ in range(self.batch)])


def alone(_worker):
    """A process that draws pictures keeps to one core."""
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def batches(sampler, options, device, first):
    """Batches from step `first` on, drawn by `--workers` processes a few steps ahead, on the device."""
    steps = range(first, options.steps)
    loader = DataLoader(
        Steps(sampler, options), batch_size=None, sampler=steps, num_workers=options.workers, worker_init_fn=alone,
        pin_memory=device.type == "cuda",
    )  # fmt: skip
    for batch in loader:
        yield Batch(*(part.to(device, non_blocking=True) for part in batch))


def measure(model, cache, ids, labels):
    run = evaluate.torch_runner(model, 416)
    found = evaluate.predict(run, cache, ids)
    result = {n: r["ap"] for n, r in evaluate.figures(found, labels).items()}
    result["false@0.5"] = round(evaluate.false_boxes(found, labels, {n: 0.5 for n in HAZARD})[0], 2)
    return result


def begin(folder, model, optimiser, options):
    """State of the run in `folder`, or of a new one: (averaged weights, step, seconds of the processor)."""
    if (folder / "last.pt").exists():
        state = torch.load(folder / "last.pt", map_location="cpu", weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average = {k: v.to(p.device) for (k, v), p in zip(state["average"].items(), model.state_dict().values())}
        return average, state["step"], state["cpu_s"]
    if options.init:
        model.load_state_dict(torch.load(options.init, map_location="cpu", weights_only=True)["average"])
    else:
        load_coco(model, START)
    return {k: v.clone() for k, v in model.state_dict().items()}, 0, 0.0


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    device, folder = torch.device(options.device), RUNS / options.run
    cache = Cache(CACHE)
    overlays = sorted((ASSETS / "data" / "smoke-overlays").glob("*.jpg"))
    if not overlays:
        raise FileNotFoundError(f"{ASSETS / 'data' / 'smoke-overlays'} holds no picture: without real smoke the run would be another one")
    patches = bank(cache, overlays, np.random.default_rng(options.seed), options.patches)
    sampler = Sampler(cache, patches, options.seed, options.mosaic, factors_of(options.sets), options.colour)
    model = Detector(len(CLASSES)).to(device, memory_format=torch.channels_last)
    on_gpu = device.type == "cuda"
    optimiser = torch.optim.AdamW(groups(model, options), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.02, fused=on_gpu)
    average, step, spent = begin(folder, model, optimiser, options)
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "log.jsonl").open("a", buffering=1)
    log.write(json.dumps({"at": step, "settings": vars(options), "patches": {k: len(v) for k, v in patches.items()}}) + "\n")
    ids = cache.ids("val")
    labels = evaluate.gather(cache, ids)
    measured = Detector(len(CLASSES)).to(memory_format=torch.channels_last)

    def keep(name="last.pt"):
        cpu = spent + time.process_time() - started
        save(folder / name, model=model.state_dict(), optimiser=optimiser.state_dict(), average=average, step=step, cpu_s=cpu)

    importance = importance_of(options.importance).to(device)
    cells = {side: grid(side, side).to(device) for side in map(int, options.sides.split(","))}
    weights, means = list(model.state_dict().values()), list(average.values())
    started, saved, sums = time.process_time(), time.monotonic(), []
    model.train()
    for batch in batches(sampler, options, device, step):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, options) * group["share"]
        with torch.autocast(device.type, torch.bfloat16, enabled=on_gpu):
            raw, logits = model(batch.images.float().contiguous(memory_format=torch.channels_last))
        score, box = losses(raw, logits, batch, cells[batch.images.shape[3]], importance)
        optimiser.zero_grad(set_to_none=True)
        (score + box).backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        if math.isfinite(float(norm)):
            optimiser.step()
        step += 1
        with torch.no_grad():
            torch._foreach_lerp_(means, weights, 1 - min(options.average, (1 + step) / (10 + step)))
        sums.append(torch.stack((score.detach(), box.detach())))
        if step % 20 == 0:
            cpu = spent + time.process_time() - started
            mean = torch.stack(sums).mean(0).tolist()
            line = {"step": step, "score": round(mean[0], 4), "box": round(mean[1], 4)}
            log.write(json.dumps({**line, "cpu_s": round(cpu), "time": time.strftime("%H:%M:%S")}) + "\n")
            sums = []
        if time.monotonic() - saved > options.save_every or step == options.steps:
            keep()
            saved = time.monotonic()
        if options.evaluate and (step % options.evaluate == 0 or step == options.steps):
            measured.load_state_dict(average)
            log.write(json.dumps({"step": step, "val": measure(measured, cache, ids, labels)}) + "\n")
            keep(f"step-{step}.pt")


if __name__ == "__main__":
    main()
