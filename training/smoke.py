"""The smoke run: the whole path on a tiny model and training/sample, in well under two minutes.

Checks: a run that was stopped and resumed ends in the same state as one that was not, with one worker and with two; a
model comes closer to its teachers; the package answers as the float model does; a package turns back into weights;
figures, calibration and card come out; our attention is transformers' own.
Says nothing about quality.
Usage: bash training/test.sh (or python -m training.smoke with training/requirements.txt installed)
"""

import csv
import json
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
from transformers import BertModel

from training.data import Encoder, load_tokenizer
from training.dequantize import read_package
from training.finish import CARD, finish
from training.fit import Task, fit_in_workers
from training.graph import build_head
from training.heads import TRAINED, train_heads
from training.model import ByteDropout, MultiTask, Shape
from training.package import replace_heads
from training.passages import name_places, without_tags, without_verb
from training.quantize import head_tensors
from training.runners import FloatRunner, PackageRunner
from training.tasks import FEEDS
from training.train import Plan

HERE = Path(__file__).parent
SAMPLE = HERE / "sample"
VOCAB = HERE.parent / "assets" / "models" / "multitask-minilm" / "vocab.txt"
TINY = Shape(hidden=48, layers=2, intermediate=96)
STEPS = 30
RUNS = (  # run, workers, where it is stopped
    ("whole", 1, [STEPS]),
    ("halves", 1, [STEPS // 2, STEPS]),
    ("whole by two", 2, [STEPS]),
    ("halves by two", 2, [STEPS // 2, STEPS]),
)


def tiny() -> MultiTask:
    torch.manual_seed(7)
    return MultiTask(TINY)


def check_resume(folder: Path) -> Path:
    """One run of STEPS steps against two halves, and the same with two workers; returns the checkpoint of the first."""
    base = folder / "base.pt"
    torch.save({"model": tiny().state_dict()}, base)
    states = {}
    for name, workers, stops in RUNS:
        for stop in stops:
            plan = Plan(tokens=60_000, lr=1e-3, frozen=0, warmup=5, share_every=5, log_every=10, steps=stop)
            assert fit_in_workers(Task(SAMPLE, base, VOCAB, folder / name, plan), workers)
        states[name] = torch.load(folder / name / "checkpoint.pt", weights_only=True)
    for one, other in (("whole", "halves"), ("whole by two", "halves by two")):
        for key, value in states[one]["model"].items():
            assert torch.equal(value, states[other]["model"][key]), f"{key} differs after resuming"
        for key in ("step", "tokens"):
            assert states[one]["counters"][key] == states[other]["counters"][key], key
    second = torch.load(folder / "whole by two" / "checkpoint1.pt", weights_only=True)
    for name, parameter in tiny().named_parameters():
        assert torch.equal(second["model"][name], states["whole by two"]["model"][name]), f"{name}: workers differ"
    moved = (states["whole"]["model"]["encoder.embeddings.LayerNorm.weight"] - 1).abs().max()
    assert moved > 1e-4, "nothing was learned"
    return folder / "whole" / "checkpoint.pt"


def check_teachers(folder: Path) -> None:
    """With hardly any labels the model comes closer to what its teachers, one of another shape, say."""
    torch.manual_seed(8)
    teacher, base, out = MultiTask(Shape(hidden=96, layers=3, intermediate=192)), folder / "base.pt", folder / "taught"
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter *= 3  # sure of something
    torch.save({"model": teacher.state_dict()}, folder / "teacher.pt")
    plan = Plan(tokens=60_000, lr=1e-3, frozen=0, warmup=5, share_every=5, log_every=5, steps=STEPS, soft=1.0)
    teachers = {"words_teachers": (folder / "teacher.pt",), "tasks_teachers": (folder / "teacher.pt", base)}
    feeds = tuple(feed for feed in FEEDS if feed.name in ("fill-mask", "sst2", "token-classification"))
    assert fit_in_workers(Task(SAMPLE, base, VOCAB, out, plan, feeds, **teachers), 1)
    curves: dict[str, list[float]] = {}
    for row in csv.reader((out / "curves.csv").open()):
        curves.setdefault(row[3], []).append(float(row[4]))
    assert len(curves) == len(feeds)
    for feed, losses in curves.items():
        assert losses[-1] < losses[0], f"{feed} did not learn from its teacher: {losses}"


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))


def check_package(checkpoint: Path, folder: Path) -> None:
    model = tiny()
    model.load_state_dict(torch.load(checkpoint, weights_only=True)["model"])
    card = json.loads(CARD.read_text())
    report = finish(model, SAMPLE, VOCAB, card, folder)
    assert all(np.isfinite(value) for value in report.metrics.values()), report.metrics
    package = folder / card["id"]
    encoder = Encoder(load_tokenizer(VOCAB))
    examples = [encoder.single(ids, None) for ids in encoder.ids(["The baker opens early.", "Snow fell."], 64)]
    again = tiny()
    again.load_state_dict(read_package(package), strict=False)
    in_float, in_int8, rebuilt = FloatRunner(model), PackageRunner(package), FloatRunner(again)
    for served, expected, rebuilt_rows in zip(
        in_int8.hidden(examples), in_float.hidden(examples), rebuilt.hidden(examples)
    ):
        assert cosine(served, expected) > 0.995, f"int8 against float: {cosine(served, expected):.4f}"
        assert cosine(rebuilt_rows, expected) > 0.999, (
            f"dequantized against float: {cosine(rebuilt_rows, expected):.4f}"
        )
        for head in card["heads"]:
            logits, reference = in_int8.head(head, served), in_float.head(head, expected)
            assert logits.shape == reference.shape and np.abs(logits - reference).max() < 0.35, head
    untouched = {name: model.heads[name].state_dict() for name in card["heads"] if name not in TRAINED}
    before = {name: {key: value.clone() for key, value in state.items()} for name, state in untouched.items()}
    train_heads(model, PackageRunner(package), encoder, SAMPLE)
    for name, state in before.items():
        for key, value in state.items():
            assert torch.equal(value, model.heads[name].state_dict()[key]), f"{name} {key} moved"
    graphs = {name: build_head(name, head_tensors(model, name)) for name in TRAINED}
    for name in ("once", "twice"):
        replace_heads(package, graphs, {}, folder / name)
        served = PackageRunner(folder / name)
        for head in TRAINED:
            logits, reference = served.head(head, expected), in_float.head(head, expected)
            assert np.abs(logits - reference).max() < 0.35, head
    text = (folder / f"{card['id']}.md").read_text()
    for section in ("## Figures", "## Calibration", "## Trained on", "## Bias probe"):
        assert section in text, section


def check_passages() -> None:
    tagged = "I_PRP did_VBDn't_RB hit_VB the_DT ball_NN,_, and_CC (_(you_PRP)_) saw_VBD._."
    assert without_tags(tagged) == "I didn't hit the ball, and (you) saw.", without_tags(tagged)
    assert without_tags("_full_house_ and snake_CASE") == "_full_house_ and snake_CASE"
    rng = random.Random(0)
    names = ["Kabul, the capital of Afghanistan, fell.", "The New York subway of old.", "No name at all."]
    assert name_places(names, rng) == [("Kabul, the capital of ", "Afghanistan", ", fell.")]
    assert without_verb("Vanilla ice cream cones for sale.", set()) and not without_verb("He sold it.", {"sold"})


def check_network() -> None:
    """Our attention and dropout against transformers' own and their definition."""
    model = tiny().eval()
    reference = BertModel._from_config(TINY.config(), add_pooling_layer=False, attn_implementation="sdpa").eval()
    reference.load_state_dict(model.encoder.state_dict())
    ids, mask = torch.arange(1000, 1080).view(2, 40), torch.ones(2, 40, dtype=torch.long)
    mask[1, 20:] = 0
    with torch.no_grad():
        ours = model.hidden(ids, mask, torch.zeros_like(ids))
        theirs = reference(input_ids=ids, attention_mask=mask).last_hidden_state
    assert (ours - theirs)[mask == 1].abs().max() < 1e-5
    dropout = ByteDropout()
    dropout.p = 0.1
    rows = dropout(torch.ones(500, 401))
    assert abs((rows == 0).float().mean() - 26 / 256) < 0.005 and abs(rows.mean() - 1) < 0.005


def main() -> None:
    torch.set_num_threads(2)
    check_passages()
    check_network()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = check_resume(folder)
        check_teachers(folder)
        check_package(checkpoint, folder / "out")
    print("smoke run: train, resume, calibrate, quantize, package, evaluate, card: ok")


if __name__ == "__main__":
    main()
