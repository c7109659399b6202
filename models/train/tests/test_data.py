import json
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import cv2
import numpy as np

from train import pack
from train.augment import Sampler, clip, move
from train.cache import Cache
from train.draw import bank, cut_decoys
from train.folds import held_back
from train.prepare import held_out
from train.sets import IGNORE, INDEX, read_labels
from train.similar import scenes
from train.train import Steps


class Labels(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.txt"
            path.write_text(text)
            return read_labels(path, ["face_masked", "odd", "other"], {"face_masked": "face_masked", "odd": None})

    def test_maps_classes_and_cuts_boxes_at_the_edge(self):
        (label, x, y, w, h), *rest = self.read("0 0.1 0.5 0.4 0.2\n1 0.5 0.5 0.1 0.1\n2 0.5 0.5 0.1 0.1\n")
        self.assertEqual(label, INDEX["face_masked"])
        np.testing.assert_allclose((x, y, w, h), (0.15, 0.5, 0.3, 0.2))
        self.assertEqual([r[0] for r in rest], [IGNORE])

    def test_a_broken_line_is_named(self):
        with self.assertRaisesRegex(ValueError, "a.txt:2"):
            self.read("0 0.5 0.5 0.1 0.1\n0 0.5 x 0.1 0.1\n")


class Scenes(unittest.TestCase):
    def test_names_likeness_and_near_numbers_join(self):
        rng = np.random.default_rng(1)
        thumbs = rng.normal(size=(6, 400)).astype(np.float32)
        thumbs[3] = thumbs[2] + 0.7 * rng.normal(size=400)
        thumbs[5] = thumbs[4] + 0.1 * rng.normal(size=400)
        thumbs /= np.linalg.norm(thumbs, axis=1, keepdims=True)
        names = [
            ("no-fire", "intel_hall_01"),
            ("no-fire", "intel_hall_02"),
            ("fire-smoke", "img_10"),
            ("fire-smoke", "img_12"),
            ("masks", "a1"),
            ("masks", "b7"),
        ]
        found = scenes(names, thumbs)
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[2], found[3])
        self.assertEqual(found[4], found[5])
        self.assertEqual(len(set(found)), 3)

    def test_the_frames_of_the_check_clip_are_out(self):
        out = [n for n in range(590, 670) if held_out(f"fire-smoke/img_{n}")]
        self.assertEqual(out, list(range(601, 656)))


def small_cache(folder):
    """A cache of four drawn pictures, the last of them for validation."""
    entries, pixels, at = [], [], 0
    for n in range(4):
        image = np.full((40 + 8 * n, 64, 3), 60 + 40 * n, np.uint8)
        image[10:20, 10:30] = (30, 60, 230)
        entries.append({"name": f"no-fire/a_{n}", "set": "no-fire", "scene": n, "part": "val" if n == 3 else "train", "at": at, "shape": image.shape[:2], "boxes": []})
        pixels.append(image.ravel())
        at += image.size
    folder.mkdir()
    np.save(folder / "pixels.npy", np.concatenate(pixels))
    (folder / "index.json").write_text(json.dumps(entries))
    (folder / "teacher.json").write_text("{}")


class Pack(unittest.TestCase):
    def test_comes_out_as_it_went_in_but_for_the_loss_of_webp(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            small_cache(folder / "cache")
            (folder / "assets" / "data" / "smoke-overlays").mkdir(parents=True)
            with mock.patch.multiple(pack, CACHE=folder / "cache", ASSETS=folder / "assets"):
                sizes = pack.pack(folder / "packed", 90, 2)
            self.assertEqual(sizes, [(folder / "packed" / f"{k}.bin").stat().st_size for k in (0, 1)])
            with mock.patch.object(pack, "CACHE", folder / "again"):
                pack.unpack(folder / "packed")
            before, after = Cache(folder / "cache"), Cache(folder / "again")
            self.assertEqual(before.entries, after.entries)
            for i in range(4):
                self.assertLess(np.abs(before.image(i).astype(int) - after.image(i)).mean(), 3)
            with mock.patch.object(pack, "CACHE", folder / "again"), self.assertRaises(FileExistsError):
                pack.unpack(folder / "packed")
            (folder / "packed" / "1.bin").write_bytes(b"")
            with mock.patch.object(pack, "CACHE", folder / "third"), self.assertRaises(cv2.error):
                pack.unpack(folder / "packed")


class Drawing(unittest.TestCase):
    def test_a_step_draws_the_same_pictures_in_whatever_order(self):
        with tempfile.TemporaryDirectory() as name:
            small_cache(Path(name) / "cache")
            cache = Cache(Path(name) / "cache")
            options = SimpleNamespace(seed=3, batch=2, sides="64,96")
            steps = Steps(Sampler(cache, bank(cache, [], np.random.default_rng(1), 2), 3), options)
            first, _, again = steps[5], steps[6], steps[5]
            for a, b in zip(first, again, strict=True):
                np.testing.assert_array_equal(a, b)

    def test_decoys_are_bright_or_glaring_and_touch_nothing_labelled(self):
        image = np.full((200, 200, 3), 60, np.uint8)
        image[20:40, 20:50] = 255
        image[120:140, 120:150] = (20, 60, 230)
        self.assertEqual(len(cut_decoys(image, [])), 2)
        self.assertEqual(len(cut_decoys(image, [(118, 118, 152, 142)])), 1)
        self.assertEqual(len(cut_decoys(np.full((200, 200, 3), 255, np.uint8), [])), 0)


class Folds(unittest.TestCase):
    def test_a_scene_is_trained_on_or_measured_and_never_both(self):
        entry = lambda name, scene, part="train": {"name": name, "set": name.split("/")[0], "scene": scene, "part": part}  # noqa: E731
        entries = [
            entry("fire-smoke/a", 1), entry("fire-smoke/b", 1), entry("fire-web/c", 1), entry("fire-indoor/d", 2, "val"),
            entry("fire-smoke/clip", 3, "out"), entry("masks/e", 4, "val"), entry("no-fire/f", 4, "val"), entry("fire-web/g", 5),
        ]  # fmt: skip
        parts = [e["part"] for e in held_back(entries, ["fire-smoke/b"])]
        self.assertEqual(parts, ["val", "val", "out", "train", "out", "val", "out", "train"])
        with self.assertRaises(KeyError):
            held_back(entries, ["fire-smoke/nowhere"])


class Boxes(unittest.TestCase):
    def test_a_flip_mirrors_and_keeps_the_order_of_edges(self):
        rows = np.array([[0, 10, 20, 30, 40]], np.float32)
        flipped = move(rows, np.array([[-2.0, 0, 200], [0, 1.0, 5]]))
        np.testing.assert_allclose(flipped, [[0, 140, 25, 180, 45]])

    def test_a_box_mostly_outside_is_unknown_not_background(self):
        rows = np.array([[3, -80, 10, 20, 50], [3, 10, 10, 60, 50]], np.float32)
        kept, unknown = clip(rows, 100, 100)
        np.testing.assert_allclose(kept, [[3, 10, 10, 60, 50]])
        np.testing.assert_allclose(unknown, [[3, 0, 10, 20, 50]])


if __name__ == "__main__":
    unittest.main()
