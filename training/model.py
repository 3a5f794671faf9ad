"""The multi-task model: one BERT encoder and eleven small heads over its last hidden state.

Shapes: B sequences, T tokens, V = 30522, H = 384 of the model that is packed (MiniLM, 6 layers); its teachers have 12 layers, and
BERT-base 768. Heads are named as in the product's model.json.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from transformers import BertConfig, BertModel

from training.jars import read_jar
from training.tasks import CLASSIFICATION, ENTITY_TAGS


@dataclass(frozen=True)
class Shape:
    """MiniLM-L6-H384; the smoke run takes a smaller one."""

    vocab: int = 30522
    hidden: int = 384
    layers: int = 6
    heads: int = 12
    intermediate: int = 1536
    positions: int = 512

    def config(self) -> BertConfig:
        return BertConfig(
            vocab_size=self.vocab,
            hidden_size=self.hidden,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            intermediate_size=self.intermediate,
            max_position_embeddings=self.positions,
            attention_probs_dropout_prob=0.0,
            hidden_dropout_prob=0.0,
        )


class Head(nn.Module):
    """dense H, activation, linear to the labels: rows (N, H) -> logits (N, labels)."""

    def __init__(self, hidden: int, labels: int, activation: nn.Module) -> None:
        super().__init__()
        self.dense, self.activation, self.out = nn.Linear(hidden, hidden), activation, nn.Linear(hidden, labels)
        self.dropout = nn.Dropout(0.1)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.out(self.dropout(self.activation(self.dense(rows))))


class TagHead(nn.Module):
    """One linear layer: rows (N, H) -> logits (N, tags)."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.out, self.dropout = nn.Linear(hidden, len(ENTITY_TAGS)), nn.Dropout(0.1)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.out(self.dropout(rows))


class MaskHead(nn.Module):
    """dense, GELU, LayerNorm, projection tied to the word embeddings: rows (N, H) -> logits (N, V)."""

    def __init__(self, hidden: int, words: nn.Embedding) -> None:
        super().__init__()
        self.dense, self.norm = nn.Linear(hidden, hidden), nn.LayerNorm(hidden, eps=1e-12)
        self.bias = nn.Parameter(torch.zeros(words.num_embeddings))
        self.weight = words.weight  # tied: the same Parameter

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return F.linear(self.norm(F.gelu(self.dense(rows))), self.weight, self.bias)


class Attention(nn.Module):
    """What BertSdpaSelfAttention computes, in plain products: a CPU's fused kernel takes four times as long backwards.

    Parameters are named as there. hidden (B, T, H), additive mask (B, 1, T, T) or None -> (B, T, H), None.
    """

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads, self.width = heads, hidden // heads
        self.query, self.key, self.value = (nn.Linear(hidden, hidden) for _ in range(3))

    def forward(
        self, hidden: torch.Tensor, attention_mask: torch.Tensor | None = None, **_: object
    ) -> tuple[torch.Tensor, None]:
        query, key, value = (
            layer(hidden).unflatten(-1, (self.heads, self.width)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        scores = (query * self.width**-0.5) @ key.transpose(-1, -2)
        if attention_mask is not None:
            scores = scores + attention_mask[:, :, :1].to(scores.dtype)  # all rows of a mask are the same
        return (scores.softmax(-1) @ value).transpose(1, 2).flatten(2), None


class ByteDropout(nn.Module):
    """Dropout from one random byte per element, ten times as fast as bernoulli_ on a CPU; rates are 1/256ths."""

    def __init__(self) -> None:
        super().__init__()
        self.p = 0.0

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        dropped = round(self.p * 256)
        if not self.training or not dropped:
            return rows
        words = torch.empty((rows.numel() + 7) // 8, dtype=torch.int64, device=rows.device)
        draw = words.random_(-(2**63), None).view(torch.uint8)[: rows.numel()].view(rows.shape)
        return rows * ((draw >= dropped).to(rows.dtype) * (256 / (256 - dropped)))


class MultiTask(nn.Module):
    def __init__(self, shape: Shape = Shape()) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = BertModel._from_config(shape.config(), add_pooling_layer=False, attn_implementation="sdpa")
        self.encoder.embeddings.dropout = ByteDropout()
        for layer in self.encoder.encoder.layer:
            layer.attention.self = Attention(shape.hidden, shape.heads)
            layer.attention.output.dropout, layer.output.dropout = ByteDropout(), ByteDropout()
        heads: dict[str, nn.Module] = {
            name: Head(shape.hidden, len(labels), nn.Tanh()) for name, labels in CLASSIFICATION.items()
        }
        heads["token-classification"] = TagHead(shape.hidden)
        heads["question-answering"] = Head(shape.hidden, 2, nn.GELU())
        heads["fill-mask"] = MaskHead(shape.hidden, self.encoder.embeddings.word_embeddings)
        self.heads = nn.ModuleDict(heads)

    def hidden(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """(B, T) each -> (B, T, H)."""
        return self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state

    def set_dropout(self, rate: float) -> None:
        """Dropout after embeddings, attention and feed-forward; none on attention weights (slow on CPU)."""
        self.encoder.embeddings.dropout.p = rate
        for layer in self.encoder.encoder.layer:
            layer.attention.output.dropout.p = rate
            layer.output.dropout.p = rate


def read_hub_folder(path: Path, shape: Shape) -> dict[str, torch.Tensor]:
    """Encoder weights of a Hugging Face folder, of BertModel or of a model with a head (`bert.`), whose head is left out.

    Raises ValueError where config.json differs from `shape` in what the graph is built for.
    """
    from safetensors.torch import load_file

    own, given = shape.config(), json.loads((path / "config.json").read_text())
    for key in (
        "num_hidden_layers",
        "hidden_size",
        "num_attention_heads",
        "vocab_size",
        "hidden_act",
        "layer_norm_eps",
    ):
        expected = getattr(own, key)
        if given.get(key, expected) != expected:
            raise ValueError(f"{path / 'config.json'}: {key} is {given[key]}, only {expected} can be packed")
    state = {name.removeprefix("bert."): value for name, value in load_file(path / "model.safetensors").items()}
    return {f"encoder.{name}": value for name, value in state.items() if name.startswith(("embeddings.", "encoder."))}


def is_hub_folder(path: Path) -> bool:
    return path.is_dir() and not (path / "model.json").exists()


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """Weights of a package, a teacher's jar or a checkpoint, named as in MultiTask."""
    if path.is_dir():
        from training.dequantize import read_package

        return read_package(path)
    if path.suffix == ".jar":
        return read_jar(path)
    state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    return state.get("model", state)


def shape_of(state: dict[str, torch.Tensor]) -> Shape:
    """The shape of weights named as in MultiTask. Attention has 12 heads in all of ours, which no weight tells."""
    vocab, hidden = state["encoder.embeddings.word_embeddings.weight"].shape
    layers = sum(name.endswith(".intermediate.dense.bias") for name in state)
    intermediate = len(state["encoder.encoder.layer.0.intermediate.dense.bias"])
    positions = len(state["encoder.embeddings.position_embeddings.weight"])
    return Shape(vocab, hidden, layers, intermediate=intermediate, positions=positions)


def load_model(path: Path, only: Shape | None = None) -> tuple[MultiTask, list[str]]:
    """A model with the weights of a checkpoint (.pt), jar, package (model.json) or Hugging Face folder; which heads are new.

    Raises ValueError where the encoder is not all there, or has not the shape `only`.
    """
    state = read_hub_folder(path, only or Shape()) if is_hub_folder(path) else read_state(path)
    try:
        shape = shape_of(state)
    except KeyError as missing:
        raise ValueError(f"{path} has no {missing.args[0]}: not the weights of a BERT encoder") from None
    if only and shape != only:
        raise ValueError(f"{path} has the shape {shape}, only {only} can be packed")
    model = MultiTask(shape)
    result = model.load_state_dict(state, strict=False)
    wrong = [n for n in (*result.missing_keys, *result.unexpected_keys) if n.startswith("encoder.") and "_ids" not in n]
    if wrong:
        raise ValueError(f"{path}: {len(wrong)} weights of the encoder are missing or too many: {', '.join(wrong[:5])}")
    missing = (name for name in result.missing_keys if name.startswith("heads.") and name != "heads.fill-mask.weight")
    return model, sorted({name.split(".")[1] for name in missing})
