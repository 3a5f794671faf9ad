"""Rebuilds a float checkpoint from a packed int8 model (assets/models/<id>), to train on from.

Weights are (int8 - zero point) * scale, exactly what the runtime multiplies with. The word embeddings come from the
fill-mask projection when there is one: it is quantized per row, the lookup table per tensor only.
Measured on the delivered multitask-minilm: every figure within 0.3 points of the float original.
Usage: python -m training.dequantize assets/models/multitask-minilm out.pt
"""

import argparse
import json
import re
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

State = dict[str, torch.Tensor]


def load_graph(package: Path, entry: dict) -> onnx.ModelProto:
    """A graph of the package with its shards put back together."""
    graph = package / entry["graph"]["file"]
    if "weights" not in entry:
        return onnx.load(graph)
    with tempfile.TemporaryDirectory() as folder:
        joined = Path(folder) / entry["weights"]["location"]
        joined.write_bytes(b"".join((package / shard["file"]).read_bytes() for shard in entry["weights"]["shards"]))
        (Path(folder) / graph.name).write_bytes(graph.read_bytes())
        return onnx.load(Path(folder) / graph.name)


def arrays(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def dequantized(values: dict[str, np.ndarray], name: str) -> torch.Tensor:
    """`name`_quantized, _scale, _zero_point -> float32."""
    zero = values.get(f"{name}_zero_point", np.zeros((), np.float32)).astype(np.float32)
    return torch.from_numpy((values[f"{name}_quantized"].astype(np.float32) - zero) * values[f"{name}_scale"])


def read_encoder(model: onnx.ModelProto) -> State:
    """Names of the encoder's float tensors: encoder.<Hugging Face name>."""
    values, state = arrays(model), {}
    for name, value in values.items():
        if name.startswith("m.") and "/" not in name and not re.search(r"_(scale|zero_point|quantized)$", name):
            state[f"encoder.{name[2:]}"] = torch.tensor(value, dtype=torch.float32)
    for table in ("word", "token_type", "position"):
        name = f"m.embeddings.{table}_embeddings.weight"
        if f"{name}_quantized" in values:  # one scale per table, or per row
            state[f"encoder.{name[2:]}"] = dequantized(values, name)
    biases: dict[str, list[torch.Tensor]] = {}  # attention runs in groups of heads, each with its part of the biases
    divisors = {node.output[0]: values[node.input[1]] for node in model.graph.node if node.name.endswith("/divided")}
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            module = node.name[len("/m/") :].rsplit("/", 1)[0].replace("/", ".")
            weight = dequantized(values, node.input[1].removesuffix("_quantized"))
            source = node.input[0].removesuffix("_quantized")
            if source in divisors:  # smoothing (quantize.py): the rows carry its inverse
                weight = weight * torch.tensor(divisors[source])[:, None]
            state[f"encoder.{module}.weight"] = weight.T.contiguous()
        elif node.op_type == "MultiHeadAttention":
            layer = re.search(r"layer\.(\d+)", node.input[0])[1]
            bias = torch.tensor(values[node.input[3]], dtype=torch.float32).chunk(3)
            for part, value in zip(("query", "key", "value"), bias):
                biases.setdefault(f"encoder.encoder.layer.{layer}.attention.self.{part}.bias", []).append(value)
    return state | {name: torch.cat(parts) for name, parts in biases.items()}


def read_head(name: str, model: onnx.ModelProto) -> State:
    values = arrays(model)
    if name == "token-classification":
        weight = next(value for value in values.values() if value.ndim == 2)
        bias = next(value for value in values.values() if value.ndim == 1)
        found = {"out.weight": weight if len(weight) == len(bias) else weight.T, "out.bias": bias}
    elif name == "fill-mask":
        found = {
            "dense.weight": dequantized(values, "d.weight_Transposed").T.numpy(),
            "dense.bias": values["d.bias"],
            "norm.weight": values["ln.weight"],
            "norm.bias": values["ln.bias"],
            "bias": values["o.bias"],
            "weight": dequantized(values, "o.weight_Transposed").T.numpy(),
        }
    else:
        found = {
            "dense.weight": values["d.weight"],
            "dense.bias": values["d.bias"],
            "out.weight": values["o.weight"],
            "out.bias": values["o.bias"],
        }
    return {f"heads.{name}.{key}": torch.tensor(value, dtype=torch.float32) for key, value in found.items()}


def read_package(package: Path) -> State:
    manifest = json.loads((package / "model.json").read_text())
    state: State = {}
    for stage in manifest["encoder"]["stages"]:
        state |= read_encoder(load_graph(package, stage))
    for name, entry in manifest["heads"].items():
        state |= read_head(name, load_graph(package, entry))
    if "heads.fill-mask.weight" in state:
        state["encoder.embeddings.word_embeddings.weight"] = state["heads.fill-mask.weight"]
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    state = read_package(args.package)
    torch.save({"model": state}, args.out)
    print(f"{len(state)} tensors in {args.out}")


if __name__ == "__main__":
    main()
