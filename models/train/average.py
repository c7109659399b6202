"""`python -m train.average OUT A B …`: the mean of the averaged weights of runs that began as one."""

import argparse
from pathlib import Path

import torch

from .checkpoint import save


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkpoints", nargs="+", type=Path)
    options = parser.parse_args()
    states = [torch.load(path, map_location="cpu", weights_only=True) for path in options.checkpoints]
    keys = states[0]["average"].keys()
    mean = {key: torch.stack([s["average"][key].float() for s in states]).mean(0) for key in keys}
    save(options.out, average=mean, of=[str(p) for p in options.checkpoints], steps=[s.get("step") for s in states])


if __name__ == "__main__":
    main()
