"""Writes a model package (assets/models/<id>/): graphs, weight shards, vocabulary, model.json.

The encoder is cut after the embeddings into two stages, each with its own external weights. Loading one stage at a
time halves the bytes that JavaScript holds next to the WASM heap (an isolate has 128 MB for both). Weights are cut
into shards of at most 20 MiB (the platform's limit for a static asset or a KV value is 25 MiB); every file is listed
in model.json with its size and sha256.

Usage: python training/package.py SOURCE_DIR CARD.json OUT_DIR
  CARD.json holds what the graphs do not: id, description, licence, tokenizer options, heads with labels, metrics.
Needs: onnx (training/requirements.txt). Deterministic: the same input gives the same bytes.
"""

import argparse
import copy
import hashlib
import json
import shutil
from pathlib import Path

import onnx
from onnx import numpy_helper
from onnx.utils import Extractor

SHARD_BYTES = 20 * 1024 * 1024
EXTERNAL_THRESHOLD = 256  # smaller tensors stay in the graph: shape arithmetic needs them at load
EXTERNAL_HEAD_BYTES = 1024 * 1024  # heads below this stay in one file: one fetch instead of two
EMBEDDING_OUTPUT = "/m/embeddings/LayerNorm/LayerNormalization_output_0"


def file_entry(root: Path, name: str, data: bytes) -> dict:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def move_weights_out(model: onnx.ModelProto, location: str) -> bytes:
    """Replaces the raw data of large initializers by references into `location` and returns that file's bytes."""
    blob = bytearray()
    for tensor in model.graph.initializer:
        data = numpy_helper.to_array(tensor).tobytes()
        if len(data) < EXTERNAL_THRESHOLD:
            continue
        blob.extend(b"\0" * (-len(blob) % 64))  # aligned so that a view of any element type is possible
        offset = len(blob)
        blob.extend(data)
        for field in ("raw_data", "float_data", "int32_data", "int64_data"):
            tensor.ClearField(field)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        del tensor.external_data[:]
        for key, value in (("location", location), ("offset", offset), ("length", len(data))):
            tensor.external_data.add(key=key, value=str(value))
    return bytes(blob)


def graph_entry(model: onnx.ModelProto, out: Path, name: str, external: bool) -> dict:
    location = f"{Path(name).name}.bin"
    blob = move_weights_out(model, location) if external else b""
    entry = {"graph": file_entry(out, f"{name}.onnx", model.SerializeToString(deterministic=True))}
    if blob:
        parts = [blob[i : i + SHARD_BYTES] for i in range(0, len(blob), SHARD_BYTES)]
        entry["weights"] = {
            "location": location,
            "shards": [file_entry(out, f"{name}.{i:03d}.bin", part) for i, part in enumerate(parts)],
        }
    return entry


def rename_output(model: onnx.ModelProto, old: str, new: str) -> None:
    for node in model.graph.node:
        node.input[:] = [new if n == old else n for n in node.input]
        node.output[:] = [new if n == old else n for n in node.output]
    for value in (*model.graph.input, *model.graph.output):
        if value.name == old:
            value.name = new


def encoder_stages(encoder: onnx.ModelProto) -> list[tuple[str, onnx.ModelProto]]:
    """The encoder as two graphs: (input_ids, token_type_ids) -> embeddings -> last_hidden_state."""
    model = onnx.shape_inference.infer_shapes(encoder)
    inner = onnx.helper.make_tensor_value_info(
        EMBEDDING_OUTPUT, onnx.TensorProto.FLOAT, ["batch", "sequence", "hidden"]
    )
    stale = [v for v in model.graph.value_info if v.name == EMBEDDING_OUTPUT]
    for value in stale:
        model.graph.value_info.remove(value)
    model.graph.value_info.append(inner)
    extractor = Extractor(model)
    embeddings = extractor.extract_model(["input_ids", "token_type_ids"], [EMBEDDING_OUTPUT])
    layers = extractor.extract_model([EMBEDDING_OUTPUT, "attention_mask"], ["last_hidden_state"])
    for stage in (embeddings, layers):
        rename_output(stage, EMBEDDING_OUTPUT, "embeddings")
        del stage.graph.value_info[:]  # names tensors only; the runtime infers shapes itself
        del stage.metadata_props[:]
        stage.graph.doc_string = ""
    return [("embeddings", embeddings), ("layers", layers)]


def write_package(
    encoder: onnx.ModelProto, heads: dict[str, onnx.ModelProto], vocab: bytes, card: dict, out: Path
) -> int:
    """Writes every file and model.json; returns the size in bytes. `heads` has a graph for each head of the card."""
    card = copy.deepcopy(card)
    entries = {}
    for name, head in card.pop("heads").items():
        head.pop("source", None)
        external = heads[name].ByteSize() > EXTERNAL_HEAD_BYTES
        entries[name] = {**head, **graph_entry(heads[name], out, f"heads/{name}", external)}
    quantization = card.pop("quantization")
    manifest = {
        "schema": 1,
        **card,
        "vocab": file_entry(out, "vocab.txt", vocab),
        "encoder": {
            "quantization": quantization,
            "stages": [graph_entry(model, out, f"encoder/{name}", True) for name, model in encoder_stages(encoder)],
        },
        "heads": entries,
    }
    (out / "model.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def replace_heads(package: Path, heads: dict[str, onnx.ModelProto], metrics: dict[str, float], out: Path) -> None:
    """Copies `package` to `out` with other graphs for some heads and some of its figures changed."""
    shutil.copytree(package, out)
    manifest = json.loads((out / "model.json").read_text())
    for name, head in heads.items():
        entry = {key: value for key, value in manifest["heads"][name].items() if key not in ("graph", "weights")}
        for old in out.glob(f"heads/{name}.*"):
            old.unlink()
        external = head.ByteSize() > EXTERNAL_HEAD_BYTES
        copied = copy.deepcopy(head)  # graph_entry moves its weights out
        manifest["heads"][name] = {**entry, **graph_entry(copied, out, f"heads/{name}", external)}
    manifest["metrics"] |= metrics
    (out / "model.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("card", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()

    card = json.loads(args.card.read_text())
    heads = {
        name: onnx.load(args.source / "heads" / f"{head.get('source', name)}.onnx")
        for name, head in card["heads"].items()
    }
    vocab = (args.source / "vocab.txt").read_bytes()
    size = write_package(onnx.load(args.source / "encoder.onnx"), heads, vocab, card, args.out)
    print(f"{card['id']}: {size / 1e6:.1f} MB in {args.out}")


if __name__ == "__main__":
    main()
