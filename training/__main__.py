"""One command from base weights and data files to the packed model.

  python -m training --data DIR --base CHECKPOINT_OR_PACKAGE_OR_HF_FOLDER --out DIR

Runs (fit.py, each resumes if stopped) start from the same weights with different seeds; their ends are averaged with the
start (average.py), and two heads are trained on (heads.py). The result goes through finish.py: calibrate.py,
quantize.py (graph.py, package.py), evaluate.py, card.py. To run them side by side start `python -m training.fit
--out OUT/run1 --seed 0`, `--out OUT/run2 --seed 1` with the same options first; this command then goes on from there.
From weights that never saw the tasks use --mix 1 and more tokens.
Data: formats in data.py, licences in card.py. Measured: cards/multitask-minilm.md; how it was made: cards/RUNS.md.
"""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

import torch

from training.average import average
from training.data import Encoder, load_tokenizer
from training.finish import CARD, finish
from training.fit import add_plan_options, fit, plan_of
from training.heads import train_heads
from training.model import MultiTask
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
    parser.add_argument("--runs", type=int, default=2, help="runs to average (default 2)")
    parser.add_argument(
        "--mix", type=float, default=0.5, help="share of the runs' ends in the average with their start (default 0.5)"
    )
    parser.add_argument("--limit", type=int, help="measure the first rows of each dev file only (default all)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    add_plan_options(parser)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    plan, vocab = plan_of(args), args.vocab or args.base / "vocab.txt"
    models = [(args.base, "model")]
    for number in range(args.runs):
        trainer = fit(args.data, args.base, vocab, args.out / f"run{number + 1}", replace(plan, seed=plan.seed + number))
        if trainer.stopped:
            print(f"stopped; the same command continues from {trainer.checkpoint}")
            return
        models.append((trainer.checkpoint, "model"))
    model, card, encoder = MultiTask(), json.loads(args.card.read_text()), Encoder(load_tokenizer(vocab))
    model.load_state_dict(average(models, [1 - args.mix] + [args.mix / args.runs] * args.runs))
    frozen = args.out / f"{card['id']}.frozen"
    quantize(model, encoder, args.data, vocab.read_bytes(), card, frozen)
    train_heads(model, PackageRunner(frozen), encoder, args.data)
    shutil.rmtree(frozen)
    torch.save({"model": model.state_dict()}, args.out / "mean.pt")
    report = finish(model, args.data, vocab, card, args.out, args.limit)
    print(json.dumps(vars(report), indent=1))


if __name__ == "__main__":
    main()
