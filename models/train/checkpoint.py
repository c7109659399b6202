"""Checkpoints: written to the side and renamed, so that a stop at any moment leaves a whole one."""

import os

import torch

from .network import Detector
from .sets import CLASSES


def save(path, **state):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def load_model(path):
    """The averaged weights of a checkpoint as a detector, ready to run."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    model = Detector(len(CLASSES))
    model.load_state_dict(state["average"])
    return model.to(memory_format=torch.channels_last).eval()
