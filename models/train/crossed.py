"""`python -m train.crossed a=CHECKPOINT b=CHECKPOINT …`: fire and smoke over all scenes of these folds, each scene found by the run that never saw it.

With `--against b=CHECKPOINT …` the difference to other runs on the same folds, drawn in pairs over scenes.
"""

import argparse
import json

import numpy as np

from .cache import Cache
from .checkpoint import load_model
from .evaluate import gather, predict, torch_runner
from .folds import FOLDS, MOVED, held_back
from .measure import average_precision
from .paths import CACHE
from .sets import HAZARD, INDEX

DRAWS = 300


def finds_of(cache, runs, folds):
    """Per picture (set, scene, finds by class, labels) of the scenes of MOVED that each run held back."""
    rows = []
    for fold, checkpoint in runs.items():
        entries = held_back(cache.entries, folds[fold]) if fold in folds else cache.entries
        ids = [i for i, e in enumerate(entries) if e["part"] == "val" and e["set"] in MOVED]
        found = predict(torch_runner(load_model(checkpoint), 416), cache, ids)
        rows += [(entries[i]["set"], entries[i]["scene"], f, t) for i, f, t in zip(ids, found, gather(cache, ids))]
    return rows


def of_class(rows, c):
    """(scene, set, finds, boxes, ignored) of the pictures whose set speaks of class `c`."""
    pick = lambda boxes: boxes[boxes[:, 0] == c][:, 1:]  # noqa: E731
    return [(scene, name, found[c], pick(t[0]), pick(t[1])) for name, scene, found, t in rows if t[2][c] or (t[0][:, 0] == c).any()]


def ap(pictures, iou=0.5):
    return average_precision(*zip(*(p[2:] for p in pictures)), iou)


def draws(lists, seed=1):
    """AP50 of each list of pictures over the same draws of scenes, with replacement, [draws, lists]."""
    rng = np.random.default_rng(seed)
    groups = []
    for pictures in lists:
        of = {}
        for p in pictures:
            of.setdefault(p[0], []).append(p)
        groups.append(of)
    scenes = sorted(groups[0])
    drawn = [rng.choice(scenes, len(scenes)) for _ in range(DRAWS)]
    return np.array([[ap([p for s in pick for p in of[s]]) for of in groups] for pick in drawn])


def between(values):
    return "{:.3f} – {:.3f}".format(*np.nanpercentile(values, (5, 95)))


def pairs(items):
    return dict(item.split("=", 1) for item in items)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="FOLD=CHECKPOINT")
    parser.add_argument("--against", nargs="+", default=[], metavar="FOLD=CHECKPOINT")
    options = parser.parse_args()
    runs, others = pairs(options.runs), pairs(options.against)
    if others and runs.keys() != others.keys():
        parser.error(f"--against speaks of {sorted(others)}, the runs of {sorted(runs)}: name the same folds")
    folds, cache = json.loads(FOLDS.read_text()), Cache(CACHE)
    lists = [finds_of(cache, one, folds) for one in (runs, others) if one]
    for name in HAZARD:
        mine, *rest = (of_class(rows, INDEX[name]) for rows in lists)
        boxes = sum(len(p[3]) for p in mine)
        burning = len({p[0] for p in mine if len(p[3])})
        values = draws([mine, *rest])
        low = ", ".join(f"{ap(mine, iou):.3f}" for iou in (0.3, 0.1))
        kinds = ", ".join(
            f"{kind} {ap([p for p in mine if p[1] in (kind, 'no-fire')]):.3f}" for kind in MOVED if any(len(p[3]) for p in mine if p[1] == kind)
        )
        print(f"{name}: {ap(mine):.3f} ({between(values[:, 0])}), at an overlap of 0.3 and 0.1 {low}; {kinds}; {boxes} boxes in {burning} scenes")
        if rest:
            gap = values[:, 0] - values[:, 1]
            share = (gap > 0).mean()
            print(f"  the others {ap(rest[0]):.3f}; difference {ap(mine) - ap(rest[0]):+.3f} ({between(gap)}), better in {share:.0%} of {DRAWS} draws")


if __name__ == "__main__":
    main()
