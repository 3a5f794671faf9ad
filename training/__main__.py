"""One command from base weights and data files to the packed model.

  python -m training --data DIR --base CHECKPOINT_OR_PACKAGE_OR_HF_FOLDER --out DIR

For each cycle a run (fit.py, resumes if stopped) starts where the last one ended; its weights are then averaged with
those it started from (average.py). The result goes through finish.py: calibrate.py, quantize.py (graph.py, package.py),
evaluate.py, card.py. From weights that never saw the tasks use --mix 1 and more tokens.
Data: formats in data.py, licences in card.py. Measured: cards/multitask-minilm.md; how it was made: cards/RUNS.md.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch

from training.average import average
from training.finish import CARD, finish
from training.fit import add_plan_options, fit, plan_of
from training.model import MultiTask, load_weights


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
    parser.add_argument("--cycles", type=int, default=1, help="runs, each from the last one's result (default 1)")
    parser.add_argument(
        "--mix", type=float, default=0.5, help="share of a run's end in the average with its start (default 0.5)"
    )
    parser.add_argument("--limit", type=int, help="measure the first rows of each dev file only (default all)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    add_plan_options(parser)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    plan, vocab, start = plan_of(args), args.vocab or args.base / "vocab.txt", args.base
    for cycle in range(args.cycles):
        run = args.out / f"run{cycle + 1}"
        trainer = fit(args.data, start, vocab, run, replace(plan, seed=plan.seed + cycle))
        if trainer.stopped:
            print(f"stopped; the same command continues from {trainer.checkpoint}")
            return
        mixed = average([(start, "model"), (trainer.checkpoint, "model")], [1 - args.mix, args.mix])
        start = args.out / f"cycle{cycle + 1}.pt"
        torch.save({"model": mixed}, start)
    model = MultiTask()
    load_weights(model, start)
    report = finish(model, args.data, vocab, json.loads(args.card.read_text()), args.out, args.limit)
    print(json.dumps(vars(report), indent=1))


if __name__ == "__main__":
    main()
