"""One command from base weights and data files to the packed model.

  python -m training --data DIR --base CHECKPOINT_OR_PACKAGE_OR_HF_FOLDER --out DIR

The run (fit.py, resumes if stopped) is averaged with its start (average.py), and some heads are trained on (heads.py).
The result goes through finish.py: calibrate.py, quantize.py (graph.py, package.py), evaluate.py, card.py.
From weights that never saw the tasks use --mix 1 and more tokens.
Data: formats in data.py, licences in card.py. Measured: cards/multitask-minilm.md; how it was made: cards/RUNS.md.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch

from training.average import average
from training.data import Encoder, load_tokenizer
from training.finish import CARD, finish
from training.fit import Task, add_run_options, fit_in_workers, plan_of, teachers_of, vocab_of
from training.heads import train_heads
from training.model import MultiTask, Shape, load_model
from training.quantize import quantize
from training.runners import PackageRunner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the .jsonl(.gz|.xz) files")
    parser.add_argument(
        "--base", type=Path, required=True, help="weights to start from: .pt, package or Hugging Face folder"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocab", type=Path, help="vocab.txt (default: the one in --base)")
    parser.add_argument(
        "--card", type=Path, default=CARD, help="card JSON (default: training/cards/multitask-minilm.json)"
    )
    parser.add_argument(
        "--mix", type=float, default=0.75, help="share of the run's end in the average with its start (default 0.75)"
    )
    parser.add_argument("--limit", type=int, help="measure the first rows of each dev file only (default all)")
    add_run_options(parser)
    args = parser.parse_args()
    vocab, run = vocab_of(args, parser), args.out / "run"
    load_model(args.base, only=Shape())  # what cannot be packed is refused before the run, not after it
    task = Task(args.data, args.base, vocab, run, plan_of(args), **teachers_of(args))
    if not fit_in_workers(task, args.workers):
        print(f"stopped; the same command continues from {run}")
        return
    model, card, encoder = MultiTask(), json.loads(args.card.read_text()), Encoder(load_tokenizer(vocab))
    model.load_state_dict(average([args.base, run / "checkpoint.pt"], [1 - args.mix, args.mix]))
    frozen = args.out / f"{card['id']}.frozen"
    quantize(model, encoder, args.data, vocab.read_bytes(), card, frozen)
    train_heads(model, PackageRunner(frozen), encoder, args.data)
    shutil.rmtree(frozen)
    torch.save({"model": model.state_dict()}, args.out / "mean.pt")
    report = finish(model, args.data, vocab, card, args.out, args.limit, taught=bool(args.words_teachers))
    print(json.dumps(vars(report), indent=1))


if __name__ == "__main__":
    main()
