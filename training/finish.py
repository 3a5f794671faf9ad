"""Checkpoint -> calibrated int8 package, its figures and its card.

Writes OUT/<id> (the package), OUT/<id>.json (card JSON with the int8 figures) and OUT/<id>.md (model card).
Usage: python -m training.finish --model CHECKPOINT --data DIR --vocab vocab.txt --out OUT
"""

import argparse
import json
import shutil
from pathlib import Path

import torch

from training.calibrate import fold, temperatures
from training.card import write_card
from training.data import Encoder, load_tokenizer
from training.evaluate import Report, evaluate, measure_classes, probe
from training.model import MultiTask, Shape, load_model
from training.quantize import quantize
from training.runners import FloatRunner, PackageRunner

CARD = Path(__file__).parent / "cards" / "multitask-minilm.json"


def finish(
    model: MultiTask,
    data: Path,
    vocab: Path,
    card: dict,
    out: Path,
    limit: int | None = None,
    in_float: bool = True,
    taught: bool = False,
) -> Report:
    """A temperature changes no answer, so only the classification heads are measured again after calibration."""
    encoder = Encoder(load_tokenizer(vocab))
    raw, package = out / f"{card['id']}.uncalibrated", out / card["id"]
    columns = {"float": evaluate(FloatRunner(model), encoder, data, limit)} if in_float else {}
    quantize(model, encoder, data, vocab.read_bytes(), card, raw)
    runner = PackageRunner(raw)
    before = evaluate(runner, encoder, data, limit)
    found = temperatures(runner, encoder, data)
    print("temperatures: " + ", ".join(f"{head} {value:.2f}" for head, value in found.items()), flush=True)
    shutil.rmtree(raw)

    fold(model, found)
    card = {**card, "metrics": before.metrics}
    quantize(model, encoder, data, vocab.read_bytes(), card, package)
    after = Report(metrics=dict(before.metrics))
    runner = PackageRunner(package)
    measure_classes(runner, encoder, data, limit, after)
    probe(runner, encoder, after)
    after.round()
    if after.metrics != before.metrics:
        raise RuntimeError(f"calibration changed answers: {before.metrics} before, {after.metrics} after")
    (out / f"{card['id']}.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    (out / f"{card['id']}.md").write_text(write_card(card, {**columns, "int8 package": after}, before, after, taught))
    return after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="checkpoint, package or Hugging Face folder")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vocab", type=Path, help="vocab.txt (default: the one in --model)")
    parser.add_argument(
        "--card", type=Path, default=CARD, help="card JSON (default: training/cards/multitask-minilm.json)"
    )
    parser.add_argument("--limit", type=int, help="measure the first rows of each dev file only (default all)")
    parser.add_argument(
        "--no-float", action="store_true", help="do not measure the float model too (default: measure it)"
    )
    parser.add_argument("--taught", action="store_true", help="by the teachers that the card names")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, new = load_model(args.model, only=Shape())
    print(f"new heads: {', '.join(new) or 'none'}")
    report = finish(
        model,
        args.data,
        args.vocab or args.model / "vocab.txt",
        json.loads(args.card.read_text()),
        args.out,
        args.limit,
        not args.no_float,
        args.taught,
    )
    print(json.dumps(vars(report), indent=1))


if __name__ == "__main__":
    main()
