import unittest

import numpy as np

from train.evaluate import intervals
from train.measure import average_precision, suppress
from train.sets import CLASSES


def box(left, top=0.0, side=10.0):
    return [left, top, left + side, top + side]


class AveragePrecision(unittest.TestCase):
    none = [np.zeros((0, 4))]

    def test_all_found_is_one(self):
        found = [np.array([[0.9, *box(0)], [0.8, *box(50)]])]
        self.assertAlmostEqual(average_precision(found, [np.array([box(0), box(50)])], self.none), 1.0)

    def test_a_stronger_mistake_halves_the_precision(self):
        found = [np.array([[0.9, *box(200)], [0.8, *box(0)]])]
        self.assertAlmostEqual(average_precision(found, [np.array([box(0)])], self.none), 0.5)

    def test_half_found_gives_51_of_101_points(self):
        found = [np.array([[0.9, *box(0)]])]
        value = average_precision(found, [np.array([box(0), box(50)])], self.none)
        self.assertAlmostEqual(value, 51 / 101)

    def test_a_second_box_on_one_thing_is_a_mistake(self):
        found = [np.array([[0.9, *box(0)], [0.8, *box(0)], [0.7, *box(50)]])]
        value = average_precision(found, [np.array([box(0), box(50)])], self.none)
        self.assertAlmostEqual(value, (51 + 50 * 2 / 3) / 101)

    def test_a_find_on_an_ignored_box_counts_neither_way(self):
        found = [np.array([[0.9, *box(200)], [0.8, *box(0)]])]
        value = average_precision(found, [np.array([box(0)])], [np.array([box(200)])])
        self.assertAlmostEqual(value, 1.0)

    def test_without_truth_there_is_no_figure(self):
        self.assertTrue(np.isnan(average_precision([np.zeros((0, 5))], [np.zeros((0, 4))], self.none)))


class Intervals(unittest.TestCase):
    def of(self, scenes):
        """Fire on six pictures, found on the first three."""
        nothing = np.zeros((0, 5))
        known = np.array([name == "fire" for name in CLASSES])
        labels = [(np.array([[0.0, *box(0)]]), nothing, known)] * 6
        finds = lambda hit: [np.array([[0.9, *box(0 if hit else 200)]]), *[nothing] * (len(CLASSES) - 1)]  # noqa: E731
        return intervals([finds(k < 3) for k in range(6)], labels, scenes)

    def test_what_lies_in_two_scenes_is_uncertain(self):
        low, high = self.of([1, 1, 1, 2, 2, 2])["fire"]
        self.assertEqual((low, high), (0.0, 1.0))

    def test_one_scene_alone_says_nothing_of_others_and_a_class_without_boxes_has_none(self):
        found = self.of([1] * 6)
        self.assertEqual(found["fire"][0], found["fire"][1])
        self.assertIsNone(found["smoke"])


class Suppress(unittest.TestCase):
    def test_the_weaker_of_two_overlapping_boxes_goes(self):
        boxes = np.array([box(0), box(1), box(40)])
        self.assertEqual(suppress(boxes, np.array([0.5, 0.9, 0.2]), 0.5).tolist(), [1, 2])


if __name__ == "__main__":
    unittest.main()
