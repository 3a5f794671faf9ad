"""Trains (or resumes) one run folder: checkpoint.pt and curves.csv. `python -m training` does this and the rest.

Usage: python -m training.fit --data DIR --base CHECKPOINT_OR_PACKAGE_OR_HF_FOLDER --out RUN_DIR
"""

import argparse
from dataclasses import fields
from pathlib import Path

import torch

from training.data import Encoder, load_tokenizer
from training.model import MultiTask, load_weights
from training.train import Plan, Trainer


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """One option per field of Plan, with its default."""
    for field in fields(Plan):
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=type(field.default),
            default=field.default,
            help=f"default {field.default}",
        )


def plan_of(args: argparse.Namespace) -> Plan:
    return Plan(**{field.name: getattr(args, field.name) for field in fields(Plan)})


def fit(data: Path, base: Path, vocab: Path, out: Path, plan: Plan, model: MultiTask | None = None) -> Trainer:
    """Trains until the plan is used up; continues if `out` has a checkpoint."""
    torch.manual_seed(plan.seed)
    model = model or MultiTask()
    print(load_weights(model, base), flush=True)
    trainer = Trainer(model, Encoder(load_tokenizer(vocab), plan.seed), data, out, plan)
    if trainer.checkpoint.exists():
        trainer.resume()
    trainer.run()
    return trainer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the .jsonl(.gz|.xz) files")
    parser.add_argument(
        "--base", type=Path, required=True, help="weights to start from: .pt, package or Hugging Face folder"
    )
    parser.add_argument("--vocab", type=Path, help="vocab.txt (default: the one in --base)")
    parser.add_argument("--out", type=Path, required=True, help="run folder; continues if it has a checkpoint")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    add_plan_options(parser)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    fit(args.data, args.base, args.vocab or args.base / "vocab.txt", args.out, plan_of(args))


if __name__ == "__main__":
    main()
