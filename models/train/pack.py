"""`python -m train.pack DIR`: the cache made small enough to be sent to another machine; `--unpack` builds it again there.

A part `N.bin` holds WebP pictures one after the other, `packed.json` their lengths. What comes out differs from the cache by the
loss of WebP: train on it, and measure on the cache.
"""

import argparse
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from .cache import Cache
from .paths import ASSETS, CACHE


def pack(folder, quality, parts):
    """Writes `parts` files of about the same number of pictures. Returns their sizes in bytes."""
    cache = Cache(CACHE)
    folder.mkdir(parents=True, exist_ok=True)
    lengths, sizes = [], []
    for part, ids in enumerate(np.array_split(np.arange(len(cache.entries)), parts)):
        with (folder / f"{part}.bin").open("wb") as file:
            for i in ids:
                data = cv2.imencode(".webp", cache.image(i), [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
                lengths.append((part, len(data)))
                file.write(data)
            sizes.append(file.tell())
    (folder / "packed.json").write_text(json.dumps(lengths))
    for name in ("index.json", "teacher.json"):
        shutil.copy(CACHE / name, folder / name)
    overlays = Path("data") / "smoke-overlays"
    shutil.copytree(ASSETS / overlays, folder / overlays, dirs_exist_ok=True)
    return sizes


def unpack(folder):
    """Builds the cache out of a folder that `pack` wrote. A part that is missing or short raises an error, and so does a cache that is there."""
    if (CACHE / "pixels.npy").exists():
        raise FileExistsError(f"{CACHE} holds a cache: packed pictures are less than it; name another SHARP_EYES_TRAIN")
    CACHE.mkdir(parents=True, exist_ok=True)
    entries = json.loads((folder / "index.json").read_text())
    last = entries[-1]
    pixels = np.lib.format.open_memmap(
        CACHE / "pixels.part.npy", "w+", np.uint8, (last["at"] + last["shape"][0] * last["shape"][1] * 3,)
    )
    bytes_of, at = {}, {}

    def place(entry, data):
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if image is None or list(image.shape[:2]) != list(entry["shape"]):
            raise ValueError(f"{entry['name']}: its packed picture is broken")
        pixels[entry["at"] : entry["at"] + image.size] = image.ravel()

    with ThreadPoolExecutor() as pool:
        waiting = []
        for entry, (part, length) in zip(entries, json.loads((folder / "packed.json").read_text()), strict=True):
            if part not in bytes_of:
                bytes_of[part], at[part] = (folder / f"{part}.bin").read_bytes(), 0
            waiting.append(pool.submit(place, entry, bytes_of[part][at[part] : at[part] + length]))
            at[part] += length
        for one in waiting:
            one.result()
    pixels.flush()
    os.replace(CACHE / "pixels.part.npy", CACHE / "pixels.npy")
    for name in ("index.json", "teacher.json"):
        shutil.copy(folder / name, CACHE / name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--unpack", action="store_true")
    parser.add_argument("--quality", type=int, default=82)
    parser.add_argument("--parts", type=int, default=1)
    options = parser.parse_args()
    if options.unpack:
        unpack(options.folder)
    else:
        print(pack(options.folder, options.quality, options.parts), "bytes")


if __name__ == "__main__":
    main()
