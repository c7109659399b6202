"""The labelled sets: what each is, which of our classes its labels speak of, and where they are silent."""

from dataclasses import dataclass, field
from pathlib import Path

CLASSES = (
    "fire",
    "smoke",
    "trash_bag",
    "face_masked",
    "face_bare",
    "person",
    "vehicle",
    "garbage",
    "garbage_bin",
    "bin_overflow",
)
INDEX = {name: i for i, name in enumerate(CLASSES)}
IGNORE = -1
HAZARD = ("fire", "smoke")
BAGS_AND_BINS = ("trash_bag", "garbage", "garbage_bin", "bin_overflow")


@dataclass(frozen=True)
class DataSet:
    name: str
    # Class of the file → ours; None: a box in which nothing is learned or counted.
    mapping: dict = field(default_factory=dict)
    # Classes of which an unlabelled place is a true negative. Elsewhere the loss of a class is masked.
    complete: tuple = ()
    # Whether its pictures may be measured on.
    measured: bool = True


SETS = (
    DataSet("fire-smoke", {"fire": "fire", "smoke": "smoke"}, HAZARD + BAGS_AND_BINS),
    # About one smoke box in five is loose or missing.
    DataSet("fire-web", {"fire": "fire", "smoke": "smoke"}, HAZARD + BAGS_AND_BINS, measured=False),
    # Smoke is visible and not labelled.
    DataSet("fire-indoor", {"fire": "fire"}, ("fire",) + BAGS_AND_BINS),
    DataSet(
        "masks",
        {"face_masked": "face_masked", "face_bare": "face_bare", "face_mask_incorrect": None},
        HAZARD + BAGS_AND_BINS + ("face_masked", "face_bare"),
    ),
    # The set labels bags only; bins and loose litter may lie beside them.
    DataSet("trash-bags", {"trash_bag": "trash_bag"}, HAZARD + ("trash_bag", "face_masked", "face_bare")),
    # Bags lie about unlabelled, as part of "garbage".
    DataSet(
        "bins",
        {"garbage": "garbage", "garbage_bin": "garbage_bin", "overflow": "bin_overflow"},
        HAZARD + ("garbage", "garbage_bin", "bin_overflow"),
    ),
    DataSet("no-fire", {}, HAZARD),
    # Steam and plumes look like smoke: a negative for fire alone.
    DataSet("chimney", {}, ("fire", "trash_bag")),
    DataSet(
        "road",
        {"car": "vehicle", "truck": "vehicle", "biker": None, "people": "person", "cyclist": None},
        HAZARD + BAGS_AND_BINS[:1],
    ),
    DataSet(
        "coco-mini",
        {"person": "person", "car": "vehicle", "bus": "vehicle", "truck": "vehicle", "motorcycle": "vehicle"},
        HAZARD + ("trash_bag", "person", "vehicle"),
    ),
)


@dataclass
class Picture:
    """One labelled picture. `boxes`: (class or IGNORE, centre x, centre y, width, height) in shares of the picture."""

    set: DataSet
    path: Path
    boxes: list

    @property
    def name(self):
        return f"{self.set.name}/{self.path.stem}"


def read_labels(path, classes, mapping):
    """Boxes of one label file. A line that is no box raises ValueError with file and line."""
    boxes = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        try:
            label = classes[int(parts[0])]
            x, y, w, h = map(float, parts[1:5])
        except (ValueError, IndexError) as error:
            raise ValueError(f"{path}:{number}: not a box: {line!r}") from error
        left, top = max(0.0, x - w / 2), max(0.0, y - h / 2)
        right, bottom = min(1.0, x + w / 2), min(1.0, y + h / 2)
        if right - left < 1e-3 or bottom - top < 1e-3:
            continue
        if label in mapping:
            ours = IGNORE if mapping[label] is None else INDEX[mapping[label]]
            boxes.append((ours, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top))
    return boxes


def read_sets(data, names=None):
    """All pictures of the sets below `data`, in the order of their names."""
    pictures = []
    for one in SETS:
        if names and one.name not in names:
            continue
        root = Path(data) / one.name
        classes = (root / "classes.txt").read_text().split("\n")
        classes = [c.strip() for c in classes if c.strip()]
        for path in sorted((root / "images").iterdir()):
            labels = root / "labels" / f"{path.stem}.txt"
            boxes = read_labels(labels, classes, one.mapping) if labels.exists() else []
            pictures.append(Picture(one, path, boxes))
    return pictures
