"""Averages the weights of several models of one lineage ("model soup", Wortsman et al. 2022).

Runs that start from the same weights end in one basin, where the mean of the weights is often better than each of them.
Also walks part of the way from old to new weights: --weights 0.5 0.5.
Usage: python -m training.average --models A B ... [--weights ...] --out mean.pt
"""

import argparse
from pathlib import Path

import torch

from training.model import load_model


def average(models: list[Path], weights: list[float]) -> dict[str, torch.Tensor]:
    """Weighted mean of state dicts; weights are normalized."""
    total: dict[str, torch.Tensor] = {}
    for path, weight in zip(models, weights):
        model, _ = load_model(path)
        for name, value in model.state_dict().items():
            share = value * (weight / sum(weights)) if value.is_floating_point() else value
            total[name] = total[name] + share if name in total and value.is_floating_point() else share
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--models", type=Path, nargs="+", required=True, help="checkpoints, packages or Hugging Face folders"
    )
    parser.add_argument("--weights", type=float, nargs="+", help="default: all equal")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    weights = args.weights or [1.0] * len(args.models)
    if len(weights) != len(args.models):
        parser.error(f"{len(args.models)} models but {len(weights)} weights")
    torch.save({"model": average(args.models, weights)}, args.out)


if __name__ == "__main__":
    main()
