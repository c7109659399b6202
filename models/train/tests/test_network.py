import unittest

import numpy as np
import torch

from train.augment import batch_of
from train.calibrate import apply, fit, operating_point
from train.export import Exported, focus_as_convolution
from train.loss import RADIUS, assign, losses, mask_of, pair_iou
from train.network import Backbone, Detector, decode, grid
from train.sets import CLASSES, INDEX

NOTHING = np.zeros((0, 5), np.float32)


class Network(unittest.TestCase):
    def test_rows_are_cells_of_three_strides(self):
        raw, logits = Detector(3).eval()(torch.zeros(2, 3, 64, 96))
        self.assertEqual(raw.shape, (2, 8 * 12 + 4 * 6 + 2 * 3, 4))
        self.assertEqual(logits.shape[2], 3)
        self.assertEqual(len(grid(64, 96)), raw.shape[1])

    def test_focus_is_a_convolution(self):
        torch.manual_seed(1)
        stem = Backbone().stem
        x = torch.rand(1, 3, 32, 32)
        sliced = torch.cat((x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]), 1)
        torch.testing.assert_close(focus_as_convolution(stem)(x), stem(sliced))

    def test_the_export_gives_the_calibrated_scores_of_the_chosen_classes(self):
        torch.manual_seed(1)
        model = Detector(len(CLASSES)).eval()
        x = torch.rand(1, 3, 64, 64)
        raw, logits = model(x)
        rows = Exported(model, ["smoke", "fire"], {"fire": (2.0, 0.5)})(x)
        torch.testing.assert_close(rows[..., :4], raw)
        torch.testing.assert_close(rows[..., 4], torch.ones(1, len(raw[0])))
        torch.testing.assert_close(rows[..., 5], logits[..., INDEX["smoke"]].sigmoid())
        torch.testing.assert_close(rows[..., 6], (logits[..., INDEX["fire"]] * 2 + 0.5).sigmoid())


class Loss(unittest.TestCase):
    cells = grid(64, 64)

    def test_the_cells_in_the_middle_answer_for_a_box(self):
        # The second picture holds nothing: its list is filled up.
        truth = torch.tensor([[[1.0, 16, 16, 48, 48]], [[-1.0, -1, -1, -1, -1]]])
        boxes = decode(torch.zeros(2, len(self.cells), 4), self.cells)
        target, owner = assign(torch.full((2, len(self.cells), 3), 0.1), boxes, truth, self.cells)
        taken = torch.nonzero(owner[0] >= 0)[:, 0]
        self.assertGreater(len(taken), 0)
        middle = (self.cells[taken, :2] + 0.5) * self.cells[taken, 2:]
        self.assertTrue(((middle - 32).abs().amax(1) < RADIUS * self.cells[taken, 2]).all())
        self.assertTrue((pair_iou(boxes[0, taken], truth[0, 0, 1:]) > 0.05).all())
        self.assertTrue((target[0][:, [0, 2]] == 0).all())
        self.assertTrue((target[0][taken, 1] > 0).all())
        self.assertTrue((owner[1] == -1).all() and (target[1] == 0).all())

    def test_a_cell_answers_for_the_box_that_it_fits_best(self):
        truth = torch.tensor([[[0.0, 0, 0, 32, 32], [1.0, 32, 32, 64, 64]]])
        boxes = decode(torch.zeros(1, len(self.cells), 4), self.cells)
        target, owner = assign(torch.full((1, len(self.cells), 2), 0.1), boxes, truth, self.cells)
        middle = (self.cells[:, :2] + 0.5) * self.cells[:, 2:]
        for k, (left, right) in enumerate(((0, 32), (32, 64))):
            inside = ((middle > left) & (middle < right)).all(1) & (self.cells[:, 2] < 32)
            self.assertTrue((owner[0] == k)[inside].any())
            self.assertTrue((target[0][inside, 1 - k] == 0).all())

    def test_unlabelled_classes_and_ignored_boxes_cost_nothing(self):
        boxes = decode(torch.zeros(1, len(self.cells), 4), self.cells)
        known = np.array([True, False])
        ignored = np.array([[0.0, 0, 0, 16, 16]], np.float32)
        batch = batch_of([(np.zeros((64, 64, 3), np.uint8), NOTHING, ignored, [(0, 0, 64, 48, known)])])
        weight = mask_of(batch, boxes, self.cells)[0]
        middle = (self.cells[:, :2] + 0.5) * self.cells[:, 2:]
        self.assertTrue((weight[middle[:, 1] < 48, 1] == 0).all())
        self.assertTrue((weight[middle[:, 1] > 48, 1] == 1).all())
        self.assertTrue((weight[(middle < 16).all(1), 0] == 0).all())
        self.assertTrue((weight[(middle > 40).all(1), 0] == 1).all())

    def test_a_picture_costs_the_same_beside_others(self):
        torch.manual_seed(1)
        raw, logits = torch.randn(2, len(self.cells), 4) * 0.1, torch.randn(2, len(self.cells), 2)
        full = np.array([True, True])
        crowd = np.array([[0.0, 0, 0, 20, 20], [1.0, 30, 30, 60, 60], [1.0, 2, 40, 20, 60]], np.float32)
        picture = np.zeros((64, 64, 3), np.uint8)
        samples = [(picture, crowd[:1], crowd[1:2], [(0, 0, 64, 64, full)]), (picture, crowd, NOTHING, [(0, 0, 32, 64, full), (32, 0, 64, 64, full)])]
        target, owner = assign(logits.sigmoid(), decode(raw, self.cells), batch_of(samples).truth, self.cells)
        weight = mask_of(batch_of(samples), decode(raw, self.cells), self.cells)
        for k, sample in enumerate(samples):
            one = batch_of([sample])
            alone, owner_alone = assign(logits[k : k + 1].sigmoid(), decode(raw[k : k + 1], self.cells), one.truth, self.cells)
            torch.testing.assert_close(target[k], alone[0])
            torch.testing.assert_close(owner[k], owner_alone[0])
            torch.testing.assert_close(weight[k], mask_of(one, decode(raw[k : k + 1], self.cells), self.cells)[0])

    def test_a_few_steps_fit_one_picture(self):
        torch.manual_seed(1)
        model = Detector(2)
        optimiser = torch.optim.Adam(model.parameters(), 3e-3)
        x = torch.rand(1, 3, 64, 64) * 255
        truth = np.array([[1.0, 10, 12, 44, 50]], np.float32)
        batch = batch_of([(np.zeros((64, 64, 3), np.uint8), truth, NOTHING, [(0, 0, 64, 64, np.array([True, True]))])])
        costs = []
        for _ in range(30):
            score, box = losses(*model(x), batch, self.cells)
            optimiser.zero_grad()
            (score + box).backward()
            optimiser.step()
            costs.append((score + box).item())
        self.assertLess(np.mean(costs[-3:]), 0.7 * np.mean(costs[:3]))


class Calibration(unittest.TestCase):
    def test_scores_become_shares_of_hits(self):
        rng = np.random.default_rng(1)
        true = rng.uniform(0.05, 0.95, 4000)
        hits = rng.random(4000) < true
        z = np.log(true / (1 - true))
        said = 1 / (1 + np.exp(-(2 * z + 1)))
        rows = np.stack((said, hits, np.zeros(4000)), 1)
        np.testing.assert_allclose(apply(rows, fit(rows))[:, 0], true, atol=0.08)

    def test_the_operating_point_keeps_false_boxes_off_negatives(self):
        rows = np.array([[0.9, 1, 0], [0.8, 1, 1], [0.7, 0, 2], [0.6, 1, 3]])
        self.assertEqual(operating_point(rows, 3, {2}, 0), 0.75)
        self.assertLess(operating_point(rows, 3, {2}, 100), 0.6)

    def test_where_f1_is_as_good_the_more_sensitive_point_is_taken(self):
        rows = np.array([[0.9, 1, 0], [0.8, 0, 1], [0.7, 0, 1], [0.6, 1, 1], [0.5, 0, 2]])
        # F1 of the five prefixes: 0.5, 0.4, 1/3, 4/7, 0.5 with 3 boxes.
        self.assertEqual(operating_point(rows, 3, set(), 0), 0.55)
        self.assertEqual(operating_point(rows, 3, set(), 0, 0.02), 0.55)
        self.assertEqual(operating_point(rows, 3, set(), 0, 0.1), 0.475)
        # Never at the price of more false boxes on negatives than are allowed.
        self.assertEqual(operating_point(rows, 3, {2}, 0, 0.1), 0.55)


if __name__ == "__main__":
    unittest.main()
