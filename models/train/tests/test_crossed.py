import unittest

import numpy as np

from train.crossed import ap, draws, of_class
from train.sets import CLASSES, INDEX

FIRE, SMOKE = INDEX["fire"], INDEX["smoke"]
NONE = np.zeros((0, 5), np.float32)
FLAME = [0.0, 0.0, 20.0, 20.0]


def picture(scene, score, name="fire-indoor", burning=True):
    """A picture with one flame (or none), found with `score` in its place or, below 0.5, beside it."""
    at = FLAME if score >= 0.5 else [100.0, 100.0, 120.0, 120.0]
    finds = [NONE for _ in CLASSES]
    finds[FIRE] = np.array([[score, *at]], np.float32)
    boxes = np.array([[FIRE, *FLAME]], np.float32) if burning else NONE
    known = np.array([c == "fire" for c in CLASSES])
    return name, scene, finds, (boxes, NONE, known)


class Crossed(unittest.TestCase):
    def test_a_set_that_is_silent_on_a_class_is_not_asked_for_it(self):
        rows = [picture(1, 0.9), picture(2, 0.4, "no-fire", burning=False)]
        self.assertEqual(len(of_class(rows, FIRE)), 2)
        self.assertEqual(len(of_class(rows, SMOKE)), 0)

    def test_finds_of_all_folds_are_ranked_together(self):
        found = of_class([picture(1, 0.9)], FIRE)
        beside = of_class([picture(2, 0.4, "no-fire", burning=False)], FIRE)
        self.assertAlmostEqual(ap(found), 1.0)
        self.assertAlmostEqual(ap(found + beside), 1.0)
        missed = of_class([picture(2, 0.4)], FIRE)
        self.assertAlmostEqual(ap(found + missed), 51 / 101)

    def test_the_same_scenes_are_drawn_for_both(self):
        right = of_class([picture(1, 0.9), picture(2, 0.9)], FIRE)
        half = of_class([picture(1, 0.9), picture(2, 0.4)], FIRE)
        values = draws([right, half])
        self.assertTrue((values[:, 0] == 1).all())
        self.assertEqual({round(v, 2) for v in values[:, 1]}, {0.0, 0.5, 1.0})


if __name__ == "__main__":
    unittest.main()
