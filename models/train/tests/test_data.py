import tempfile
import unittest
from pathlib import Path

import numpy as np

from train.augment import clip, move
from train.prepare import held_out
from train.sets import IGNORE, INDEX, read_labels
from train.similar import scenes


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
