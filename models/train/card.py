"""The model card: what the weights are, how well they see on scenes they never saw, and where they fail."""

from .start import SHA256

SOURCES = """| set | licence as stated | used for |
| --- | --- | --- |
| fire-smoke | CC BY 4.0 | fire, smoke, negatives |
| fire-web | Public Domain and CC BY 4.0 | fire, smoke (training only: smoke boxes are loose) |
| fire-indoor | CC BY 4.0 | fire (smoke is unlabelled there and masked) |
| masks | CC0 | face_masked, face_bare |
| trash-bags | Unlicense and CC BY 4.0 | trash_bag |
| bins | CC BY 4.0 | garbage, garbage_bin, bin_overflow |
| no-fire | CC BY 4.0, CC BY 2.0, Apache-2.0, MIT | negatives for fire and smoke |
| chimney | MIT | negatives for fire |
| road | CC BY 4.0 | person, vehicle |
| coco-mini | CC BY, CC BY-SA or unrestricted, each picture | person, vehicle, negatives |
| smoke-overlays | Apache-2.0 | real smoke pasted into backgrounds |"""

TWIN = (
    "**fire, smoke and false boxes are those of a twin**: this file learned from all scenes of fire, the validation scenes above",
    "included, and so cannot be measured on them. The twin is a run of the same start, settings and seed that never saw them; the",
    "calibration and the operating points of this file are its. The other classes are measured on this file itself, without the",
    "pictures of the fire sets.",
    "",
)


def number(value, digits=3):
    return "–" if value is None or value != value else f"{value:.{digits}f}"


def card(facts, note, hazard):
    """Markdown of one model. `facts` as release.py gathers them."""
    lines = [
        f"# {facts['id']}",
        "",
        f"Finds {', '.join(facts['classes'])} in single pictures. **Not a life-safety device:** it replaces no smoke detector, no fire",
        "alarm and no person on watch. A face box is a place in a picture, for hygiene rules and for pixelation; the model knows no",
        "identity.",
        "",
        f"sha256 `{facts['sha256']}`, {facts['bytes']} bytes, licence Apache-2.0, family `yolox`, 416 × 416 px.",
        "",
        note,
        "",
        "## Where the weights come from",
        "",
        "Start: YOLOX-Nano trained on COCO (Megvii-BaseDetection/YOLOX, Apache-2.0), which also labelled `person` and `vehicle` where",
        f"a set does not (ONNX file of sha256 `{SHA256[:16]}…`). Fine-tuned by `models/train`, run {facts['run']}: what was trained with is in",
        "`models/train/runs.md`.",
        "",
        SOURCES,
        "",
        "The sets came to this project under these names and with the licences that their uploaders state; their authors are not named",
        "there and so cannot be named here. No picture of them is part of this project. `coco-mini` is 76 pictures of COCO, each with its",
        "licence, some CC BY-SA: the weights hold no picture and are not taken for an adaptation of one; who judges otherwise trains",
        "without it (`--sets coco-mini=0`).",
        "",
        f"Data hash `{facts['dataHash'][:16]}…`. Boxes: {boxes(facts, 'train')} for training, {boxes(facts, 'val')} for validation.",
        "",
        "## Figures on validation scenes",
        "",
        "Made by `sharp-eyes models eval` on the folders that `python -m train.lay` writes: COCO 101-point AP, scores ≥ 0.001, at most",
        "100 boxes a picture, NMS 0.5; of each class all pictures whose set speaks of it. No picture of these scenes was trained on; the",
        "checkpoint, the calibration and the operating points were chosen on them, so other scenes will do somewhat worse. A find on a",
        "mask worn wrong, a motorbike or its rider counts as false here.",
        "",
        *(TWIN if facts["twin"] else ()),
        "The range (by `models/train`, where masks worn wrong and motorbikes are passed over) says what other scenes might have given: 90 % of draws of as many scenes, with replacement.",
        "",
        "| class | AP50 | its range over scenes | AP50–95 | boxes | pictures | operating point | precision there | recall there |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, r in facts["classes"].items():
        between = "–" if r["overScenes"] is None else "{:.2f} – {:.2f}".format(*r["overScenes"])
        lines.append(
            f"| {name} | {number(r['ap50'])} | {between} | {number(r['ap50_95'])} | {r['boxes']} | {r['pictures']} "
            f"| {number(facts['operating'][name], 2)} "
            f"| {number(r['precision'], 2)} | {number(r['recall'], 2)} |"
        )
    lines += [
        "",
        f"False boxes of {' and '.join(hazard)} at the operating points: {number(facts['falseBoxesPer100Negatives'], 2)} per 100 of "
        f"{facts['negatives']} validation pictures without either.",
        "",
        "AP50 by kind of scene:",
        "",
        "| set | figures (boxes) |",
        "| --- | --- |",
    ]
    for kind, rows in facts["kinds"].items():
        if rows:
            cells = (f"{n} {number(r['ap50'], 2)} ({r['boxes']})" for n, r in rows.items())
            lines.append(f"| {kind} | {', '.join(cells)} |")
    if facts["dropped"]:
        dropped = ", ".join(f"{n} ({number(v, 2)})" for n, v in facts["dropped"].items())
        lines += ["", f"Trained and left out because they are not good enough yet, with their AP50: {dropped}."]
    lines += [
        "",
        "## Calibration",
        "",
        "A score says how often such a box is right. Each class is fitted by Platt's method; the table is cross-fitted (each half of",
        "the scenes judged by the fit on the other). Mean gap before → after:",
        "",
        ", ".join(f"{n} {number(a)} → {number(b)}" for n, (a, b) in facts["calibrationError"].items()) + ".",
        "",
        "| class | score range: mean score, share right (finds) |",
        "| --- | --- |",
    ]
    for name, table in facts["reliability"].items():
        cells = "; ".join(f"{low:.2f}–{high:.2f}: {s:.2f}, {h:.2f} ({n})" for low, high, n, s, h in table)
        lines.append(f"| {name} | {cells or 'no finds'} |")
    lines += [
        "",
        "## Where it fails",
        "",
        "- A class that is missing from the first table is not watched for at all.",
        *weak(facts),
        "- Smoke that fills the whole picture, fog and steam look alike in one picture; only time and place tell them apart.",
        "- Many training frames come from few places (security fog in shops, truck beds full of bags, news clips); bags were learned",
        "  from close views, and streets with bags far off were not measured.",
        "- Steam of kitchens, welding and sunsets were neither drawn for training nor measured by themselves.",
        "- Masks pulled below the nose were left out of training and of the figures.",
    ]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def weak(facts):
    """A line for each class that ships below 0.4: it is there, and may not be relied on."""
    for name, row in facts["classes"].items():
        if row["ap50"] < 0.4:
            yield (
                f"- **{name} is weak**: in single pictures {number(row['recall'], 2)} of its boxes are found at the operating point, and "
                f"{number(row['precision'], 2)} of the finds are right. Only rules over time make use of it."
            )


def boxes(facts, part):
    return ", ".join(f"{n} {c}" for n, c in facts["boxes"][part].items())
