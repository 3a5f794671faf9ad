"""Two ways to run the model, one interface: float weights in PyTorch, or an int8 package in onnxruntime.

`hidden` gives last_hidden_state (T, H) per example; `head` turns rows (N, H) into logits (N, labels).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
import torch

from training.batches import collate
from training.data import Example
from training.dequantize import load_graph
from training.model import MultiTask, load_model


class Runner(Protocol):
    def hidden(self, examples: list[Example]) -> Iterator[np.ndarray]: ...

    def head(self, name: str, rows: np.ndarray) -> np.ndarray: ...


class FloatRunner:
    """The PyTorch model in float32, in small batches."""

    def __init__(self, model: MultiTask, batch: int = 16) -> None:
        self.model, self.batch = model.eval(), batch

    @classmethod
    def load(cls, path: Path) -> "FloatRunner":
        return cls(load_model(path)[0])

    @torch.inference_mode()
    def hidden(self, examples: list[Example]) -> list[np.ndarray]:
        order = sorted(range(len(examples)), key=lambda i: len(examples[i].ids))
        found: list[np.ndarray] = [np.empty(0)] * len(examples)
        for low in range(0, len(order), self.batch):
            chosen = order[low : low + self.batch]
            batch = collate([examples[i] for i in chosen], torch.device("cpu"))
            hidden = self.model.hidden(batch.ids, batch.mask, batch.types).numpy()
            for row, i in enumerate(chosen):
                found[i] = hidden[row, : len(examples[i].ids)].copy()
        return found

    @torch.inference_mode()
    def head(self, name: str, rows: np.ndarray) -> np.ndarray:
        return self.model.heads[name](torch.from_numpy(np.ascontiguousarray(rows))).numpy()


class PackageRunner:
    """A package as the product runs it: stages in order, one sequence per run."""

    def __init__(self, package: Path, threads: int = 1) -> None:
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = threads
        self.package, self.manifest = package, json.loads((package / "model.json").read_text())
        self.stages = [self.session(stage) for stage in self.manifest["encoder"]["stages"]]
        self.heads: dict[str, onnxruntime.InferenceSession] = {}

    def session(self, entry: dict) -> onnxruntime.InferenceSession:
        model = load_graph(self.package, entry).SerializeToString()
        return onnxruntime.InferenceSession(model, self.options, providers=["CPUExecutionProvider"])

    def hidden(self, examples: list[Example]) -> list[np.ndarray]:
        return [self.run(example) for example in examples]

    def run(self, example: Example) -> np.ndarray:
        length = len(example.ids)
        types = np.zeros((1, length), np.int64)
        if example.second:
            types[0, example.second :] = 1
        embeddings, layers = self.stages
        ids, mask = np.array([example.ids], np.int64), np.ones((1, length), np.int64)
        embedded = embeddings.run(None, {"input_ids": ids, "token_type_ids": types})[0]
        return layers.run(None, {"embeddings": embedded, "attention_mask": mask})[0][0]

    def head(self, name: str, rows: np.ndarray) -> np.ndarray:
        if name not in self.heads:
            self.heads[name] = self.session(self.manifest["heads"][name])
        return self.heads[name].run(None, {"rows": np.ascontiguousarray(rows, np.float32)})[0]
