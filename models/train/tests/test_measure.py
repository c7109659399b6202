import unittest

import numpy as np

from train.measure import average_precision, suppress


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


class Suppress(unittest.TestCase):
    def test_the_weaker_of_two_overlapping_boxes_goes(self):
        boxes = np.array([box(0), box(1), box(40)])
        self.assertEqual(suppress(boxes, np.array([0.5, 0.9, 0.2]), 0.5).tolist(), [1, 2])


if __name__ == "__main__":
    unittest.main()
