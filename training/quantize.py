"""Chooses the smoothing of an encoder: where activation outliers move into the weights before quantization.

int8 products lose most where one input channel is far larger than the rest, because a tensor has a single scale
(MiniLM: GELU outputs of layer 0, LayerNorm outputs). SmoothQuant (Xiao et al. 2023): divide channel j of the input by
s_j = max|X_j|^a / max|W_j|^(1-a) and multiply row j of the weights by it; the product stays the same. A BERT layer adds
the LayerNorm output to the residual as well, so the division is a node of its own (T x H multiplications).
Maxima come from 450 training texts, deterministic. a = 0.8 before attention and the first FFN product, 1.0 before the
second; the attention output needs none.
Measured (cosine of sentence vectors to float, 400 SICK test sentences, all-MiniLM-L6-v2, mean / min):
  per-channel int8 as delivered 0.9943 / 0.9888; a = 0.5 everywhere 0.9875 / 0.9808, 0.8 everywhere 0.9982 / 0.9968;
  0.8, and 1.0 before the second FFN product (GELU outputs): 0.9985 / 0.9974. Time per run unchanged within noise.
The command writes into the package how like the float model it is, and none that is unlike it.
Usage: python -m training.quantize --model CHECKPOINT_OR_HF_FOLDER_OR_PACKAGE --texts FILE --card CARD.json --out DIR
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from training.batches import collate
from training.data import MAX_TEXT, Encoder, Example, load_tokenizer, read_rows
from training.graph import Tensors, build_encoder, build_head
from training.model import MultiTask, Shape, load_model
from training.package import write_package
from training.runners import FloatRunner, PackageRunner

SITES = {  # path of the divided input: (modules it feeds, a)
    "attention/self": (("attention.self.query", "attention.self.key", "attention.self.value"), 0.8),
    "intermediate/dense": (("intermediate.dense",), 0.8),
    "output/dense": (("output.dense",), 1.0),
}
CALIBRATION = (("mlm", "text", 150), ("paraphrase.train", "a", 200), ("sst2.train", "text", 100))
COMPARED, LEAST_COSINE = 100, 0.98


def calibration_examples(encoder: Encoder, data: Path) -> list[Example]:
    """From a data folder, or the first lines of a text file."""
    if data.is_dir():
        texts = [row[column] for name, column, count in CALIBRATION for row in read_rows(data, name)[:count]]
    else:
        lines = data.read_text().splitlines()
        texts = [line for line in lines if line.strip()][: sum(count for _, _, count in CALIBRATION)]
    return [encoder.single(ids, None) for ids in encoder.ids(texts, MAX_TEXT)]


def input_maxima(model: MultiTask, examples: list[Example]) -> dict[str, np.ndarray]:
    """Per linear module of the encoder: the largest |input| of each channel."""
    maxima: dict[str, torch.Tensor] = {}

    def watch(name: str):
        def hook(_module: torch.nn.Module, inputs: tuple[torch.Tensor], _output: torch.Tensor) -> None:
            largest = inputs[0].flatten(0, -2).abs().amax(0)
            maxima[name] = torch.maximum(maxima[name], largest) if name in maxima else largest

        return hook

    linear = [(name, module) for name, module in model.encoder.named_modules() if isinstance(module, torch.nn.Linear)]
    hooks = [module.register_forward_hook(watch(name)) for name, module in linear]
    model.eval()
    with torch.inference_mode():
        for example in examples:
            batch = collate([example], torch.device("cpu"))
            batch.mask[:] = 1  # padding positions only widen what is seen
            model.hidden(
                batch.ids[:, : len(example.ids)], batch.mask[:, : len(example.ids)], batch.types[:, : len(example.ids)]
            )
    for hook in hooks:
        hook.remove()
    return {name: value.numpy() for name, value in maxima.items()}


def smoothing_vectors(tensors: Tensors, maxima: dict[str, np.ndarray], layers: int) -> dict[str, np.ndarray]:
    """Path of each smoothed input -> s (H or intermediate), scaled to geometric mean 1."""
    vectors = {}
    for layer in range(layers):
        for site, (modules, power) in SITES.items():
            prefix = f"encoder.layer.{layer}"
            activation = maxima[f"{prefix}.{modules[0]}"]
            weight = np.max([np.abs(tensors[f"m.{prefix}.{module}.weight"]).max(0) for module in modules], axis=0)
            s = np.maximum(activation, 1e-4) ** power / np.maximum(weight, 1e-4) ** (1 - power)
            vectors[f"/m/{prefix.replace('encoder.layer', 'encoder/layer')}/{site}"] = s / np.exp(np.log(s).mean())
    return vectors


def encoder_tensors(model: MultiTask) -> dict[str, np.ndarray]:
    return {f"m.{name}": value.float().cpu().numpy() for name, value in model.encoder.state_dict().items()}


def head_tensors(model: MultiTask, name: str) -> dict[str, np.ndarray]:
    return {key: value.float().cpu().numpy() for key, value in model.heads[name].state_dict().items()}


def quantize(model: MultiTask, encoder: Encoder, data: Path, vocab: bytes, card: dict, out: Path) -> int:
    """Float model -> package folder; returns its size in bytes."""
    tensors = encoder_tensors(model)
    maxima = input_maxima(model, calibration_examples(encoder, data))
    graph = build_encoder(tensors, model.shape.heads, smoothing_vectors(tensors, maxima, model.shape.layers))
    heads = {name: build_head(name, head_tensors(model, name)) for name in card["heads"]}
    return write_package(graph, heads, vocab, card, out)


def cosines(model: MultiTask, package: Path, examples: list[Example]) -> np.ndarray:
    """(N,) cosine of the mean of an example's rows, package to float."""
    pairs = zip(FloatRunner(model).hidden(examples), PackageRunner(package).hidden(examples))
    means = [(a.mean(0), b.mean(0)) for a, b in pairs]
    return np.array([a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in means])


def record(package: Path, found: np.ndarray) -> None:
    """Puts the cosines in the place of the card's figures, which are another model's where the card was copied."""
    path = package / "model.json"
    name = f"cosine to float, {len(found)} calibration texts"
    figures = {f"{name}, mean": round(float(found.mean()), 4), f"{name}, minimum": round(float(found.min()), 4)}
    path.write_text(
        json.dumps({**json.loads(path.read_text()), "metrics": figures}, indent=2, ensure_ascii=False) + "\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument(
        "--texts",
        type=Path,
        required=True,
        help="a text in each line, 450 of the kind to be embedded; or a folder with mlm, paraphrase.train and sst2.train",
    )
    parser.add_argument("--card", type=Path, required=True, help="training/cards/<id>.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocab", type=Path, help="vocab.txt; default: the one in --model")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, new = load_model(args.model, only=Shape())
    print(f"new heads: {', '.join(new) or 'none'}")
    vocab = args.vocab or args.model / "vocab.txt"
    encoder = Encoder(load_tokenizer(vocab))
    size = quantize(model, encoder, args.texts, vocab.read_bytes(), json.loads(args.card.read_text()), args.out)
    found = cosines(model, args.out, calibration_examples(encoder, args.texts)[-COMPARED:])
    record(args.out, found)
    print(f"{size / 1e6:.1f} MB in {args.out}, cosine to float {found.mean():.4f}")
    if found.mean() < LEAST_COSINE:
        raise SystemExit(f"{args.out} is not like the float model: cosine {found.mean():.4f}, at least {LEAST_COSINE}")


if __name__ == "__main__":
    main()
