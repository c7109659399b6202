"""`python -m train.train RUN`: trains, or goes on from the last checkpoint of the run.

The learning rate stays level until `--decay-at`, then falls to nothing at `--steps`: both may be changed when a run goes on,
so that a run can end whenever the time is up. Every `--evaluate` steps the averaged weights are measured.
"""

import argparse
import json
import math
import queue
import threading
import time

import numpy as np
import torch

from . import evaluate
from .augment import Sampler
from .cache import Cache
from .checkpoint import save
from .draw import bank
from .loss import losses
from .network import Detector, grid
from .paths import ASSETS, CACHE, RUNS, START
from .sets import CLASSES, HAZARD, INDEX
from .start import load_coco

SAVE_EVERY_S = 120


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
    parser.add_argument("--evaluate", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
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
    """Parameters of the heads and of the rest; the frozen first stages are in neither."""
    frozen = {id(p) for m in (model.backbone.stem, model.backbone.dark2) for p in m.parameters()}
    head = [p for p in model.heads.parameters()]
    heads = {id(p) for p in head}
    body = [p for p in model.parameters() if id(p) not in frozen and id(p) not in heads]
    return [{"params": head, "share": 1.0}, {"params": body, "share": options.body_rate}]


def batches(cache, patches, options, first):
    """Endless batches from a thread of its own; bounded, so that it never runs far ahead."""
    waiting = queue.Queue(maxsize=2)
    sides = [int(s) for s in options.sides.split(",")]

    def make():
        step = first
        while True:
            # Each step has its own seed: a run that was stopped goes on with the same pictures.
            seed = options.seed * 1_000_003 + step
            sampler.rng = np.random.default_rng(seed)
            side = int(sampler.rng.choice(sides))
            drawn = [sampler.sample(side) for _ in range(options.batch)]
            images = torch.from_numpy(np.stack([d[0] for d in drawn])).permute(0, 3, 1, 2).float()
            samples = [(torch.from_numpy(d[1]), torch.from_numpy(d[2]), d[3]) for d in drawn]
            waiting.put((side, images.contiguous(memory_format=torch.channels_last), samples))
            step += 1

    sampler = Sampler(cache, patches, options.seed, options.mosaic, factors_of(options.sets), options.colour)
    threading.Thread(target=make, daemon=True).start()
    while True:
        yield waiting.get()


def measure(model, cache, ids, labels):
    run = evaluate.torch_runner(model, 416)
    found = evaluate.predict(run, cache, ids)
    result = {n: r["ap"] for n, r in evaluate.figures(found, labels).items()}
    result["false@0.5"] = round(evaluate.false_boxes(found, labels, {n: 0.5 for n in HAZARD})[0], 2)
    return result


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    folder = RUNS / options.run
    cache = Cache(CACHE)
    overlays = sorted((ASSETS / "data" / "smoke-overlays").glob("*.jpg"))
    patches = bank(cache, overlays, np.random.default_rng(options.seed))
    model = Detector(len(CLASSES)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(groups(model, options), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.02)
    last = folder / "last.pt"
    step, spent = 0, 0.0
    if last.exists():
        state = torch.load(last, map_location="cpu", weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average, step, spent = state["average"], state["step"], state["cpu_s"]
    else:
        if options.init:
            model.load_state_dict(torch.load(options.init, weights_only=True)["average"])
        else:
            load_coco(model, START)
        average = {k: v.clone() for k, v in model.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "log.jsonl").open("a", buffering=1)
    log.write(json.dumps({"at": step, "settings": vars(options), "patches": {k: len(v) for k, v in patches.items()}}) + "\n")
    ids = cache.ids("val")
    labels = evaluate.gather(cache, ids)
    measured = Detector(len(CLASSES)).to(memory_format=torch.channels_last)

    def keep(name="last.pt"):
        cpu = spent + time.process_time() - started
        save(folder / name, model=model.state_dict(), optimiser=optimiser.state_dict(), average=average, step=step, cpu_s=cpu)

    importance = importance_of(options.importance)
    started, saved, sums = time.process_time(), time.monotonic(), []
    source = batches(cache, patches, options, step)
    while step < options.steps:
        side, images, samples = next(source)
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, options) * group["share"]
        model.train()
        raw, logits = model(images)
        score, box = losses(raw, logits, samples, grid(side, side), importance)
        loss = score + box
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        if math.isfinite(float(norm)):
            optimiser.step()
        step += 1
        share = min(options.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for key, value in model.state_dict().items():
                average[key].lerp_(value, 1 - share)
        sums.append((score.item(), box.item()))
        if step % 20 == 0:
            cpu = spent + time.process_time() - started
            line = {"step": step, "score": round(np.mean([s[0] for s in sums]), 4), "box": round(np.mean([s[1] for s in sums]), 4)}
            log.write(json.dumps({**line, "cpu_s": round(cpu), "time": time.strftime("%H:%M:%S")}) + "\n")
            sums = []
        if time.monotonic() - saved > SAVE_EVERY_S or step == options.steps:
            keep()
            saved = time.monotonic()
        if step % options.evaluate == 0 or step == options.steps:
            measured.load_state_dict(average)
            log.write(json.dumps({"step": step, "val": measure(measured, cache, ids, labels)}) + "\n")
            keep(f"step-{step}.pt")


if __name__ == "__main__":
    main()
