import copy
import tempfile
import unittest
from pathlib import Path

import onnx
import torch

from train.augment import batch_of
from train.checkpoint import save
from train.export import export
from train.lay import folders, lay
from train.network import Detector
from train.release import take_figures
from train.restore import calibration_of, read, rescale
from train.sets import CLASSES, IGNORE, INDEX


class Restored(unittest.TestCase):
    def test_a_file_that_ships_gives_its_weights_back(self):
        torch.manual_seed(1)
        model = Detector(len(CLASSES)).to(memory_format=torch.channels_last).eval()
        for conv in model.convs():
            # As new they are all zero, and the exporter keeps equal ones once.
            torch.nn.init.normal_(conv.bias, std=0.1)
        labels, calibration = ["smoke", "fire"], {"fire": (2.0, 0.5), "smoke": (3.0, -1.0)}
        with tempfile.TemporaryDirectory() as folder:
            checkpoint, file = Path(folder) / "last.pt", Path(folder) / "model.onnx"
            save(checkpoint, average=model.state_dict())
            export(checkpoint, file, labels, calibration)
            restored = read(file, labels)
            stated = {p.key: p.value for p in onnx.load(str(file)).metadata_props}
        self.assertEqual(stated, {"input.width": "416", "input.height": "416"})
        x = torch.rand(1, 3, 64, 64) * 255
        with torch.no_grad():
            (raw, logits), (boxes, calibrated) = model(x), restored(x)
            torch.testing.assert_close(boxes, raw, rtol=1e-3, atol=1e-3)
            slope, shift = torch.ones(len(CLASSES)), torch.zeros(len(CLASSES))
            for name, (a, b) in calibration.items():
                c = INDEX[name]
                torch.testing.assert_close(calibrated[..., c], logits[..., c] * a + b, rtol=1e-3, atol=1e-3)
                slope[c], shift[c] = 1 / a, -b / a
            rescale(restored, slope, shift)
            plain = restored(x)[1]
        for c in map(INDEX.get, labels):
            torch.testing.assert_close(plain[..., c], logits[..., c], rtol=1e-3, atol=1e-3)

    def test_scores_that_are_too_sure_are_drawn_back(self):
        torch.manual_seed(1)
        model = Detector(len(CLASSES)).eval()
        # Sure of fire in every cell of a picture in which nothing burns, and in which nobody speaks of smoke.
        rescale(model, torch.ones(len(CLASSES)), torch.full((len(CLASSES),), 4.0))
        known = [c == INDEX["fire"] for c in range(len(CLASSES))]
        nothing = torch.zeros(0, 5).numpy()
        batch = batch_of([(torch.zeros(320, 320, 3, dtype=torch.uint8).numpy(), nothing, nothing, [(0, 0, 320, 320, known)])])
        _, shift = calibration_of(model, [batch])
        self.assertLess(float(shift[INDEX["fire"]]), -1)
        self.assertEqual(float(shift[INDEX["smoke"]]), 0)


class LaidOut(unittest.TestCase):
    entries = [
        {"set": "masks", "name": "masks/a", "part": "val", "boxes": [(INDEX["face_bare"], 0.5, 0.5, 0.2, 0.2), (IGNORE, 0.1, 0.1, 0.1, 0.1)]},
        {"set": "fire-indoor", "name": "fire-indoor/b", "part": "val", "boxes": [(INDEX["fire"], 0.5, 0.25, 0.2, 0.1)]},
        {"set": "fire-indoor", "name": "fire-indoor/c", "part": "train", "boxes": [(INDEX["fire"], 0.5, 0.5, 0.2, 0.1)]},
        {"set": "no-fire", "name": "no-fire/d", "part": "val", "boxes": []},
    ]

    def test_a_class_is_measured_on_the_pictures_that_speak_of_it(self):
        names = {folder: [e["name"] for e in pictures] for folder, (_, pictures) in folders(self.entries).items()}
        self.assertEqual(names["fire"], ["masks/a", "fire-indoor/b", "no-fire/d"])
        # Smoke is not labelled in fire-indoor.
        self.assertEqual(names["smoke"], ["masks/a", "no-fire/d"])
        self.assertEqual(names["face_bare"], ["masks/a"])
        self.assertEqual(names["negatives"], ["masks/a", "no-fire/d"])
        self.assertNotIn("road", names)

    def test_folders_are_what_models_eval_reads(self):
        with tempfile.TemporaryDirectory() as folder:
            data, target = Path(folder) / "data", Path(folder) / "laid"
            for e in self.entries:
                path = data / e["set"] / "images" / f"{e['name'].split('/')[1]}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"picture")
            self.assertEqual(lay(self.entries, data, target)["fire"], 3)
            masks, fire = target / "masks", target / "fire"
            self.assertEqual((masks / "classes.txt").read_text(), "face_bare\n")
            self.assertEqual((masks / "labels" / "masks_a.txt").read_text(), "0 0.500000 0.500000 0.200000 0.200000\n")
            self.assertEqual((fire / "labels" / "masks_a.txt").read_text(), "")
            self.assertEqual((fire / "images" / "fire-indoor_b.jpg").read_bytes(), b"picture")
            self.assertEqual((target / "negatives" / "classes.txt").read_text(), "")


class Twin(unittest.TestCase):
    twin = {
        "classes": {n: {"ap50": 0.3, "boxes": 74} for n in ("fire", "smoke", "trash_bag")},
        "kinds": {"fire-smoke": {"fire": {"ap50": 0.1, "boxes": 21}}, "bins": {}},
        "falseBoxesPer100Negatives": 1.5,
        "negatives": 399,
    }

    def test_figures_on_the_fire_sets_are_the_twins(self):
        own = {
            "classes": {n: "own" for n in ("fire", "smoke", "trash_bag")},
            "kinds": {"fire-smoke": "own", "bins": "own"},
            "falseBoxesPer100Negatives": 0.0,
            "negatives": 366,
        }
        expected = copy.deepcopy(self.twin["kinds"]["fire-smoke"])
        take_figures(own, self.twin)
        self.assertEqual(own["kinds"], {"fire-smoke": expected, "bins": "own"})
        self.assertEqual((own["falseBoxesPer100Negatives"], own["negatives"]), (1.5, 399))
        self.assertEqual((own["classes"]["smoke"]["ap50"], own["classes"]["trash_bag"]), (0.3, "own"))


if __name__ == "__main__":
    unittest.main()
