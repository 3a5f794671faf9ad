"""The multi-task model: one BERT encoder (MiniLM, 384 x 6) and eleven small heads over its last hidden state.

Shapes: B sequences, T tokens, H = 384, V = 30522. Heads are named as in the product's model.json.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from transformers import BertConfig, BertModel

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


class MultiTask(nn.Module):
    def __init__(self, shape: Shape = Shape()) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = BertModel._from_config(shape.config(), add_pooling_layer=False, attn_implementation="sdpa")
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


def load_weights(model: MultiTask, path: Path) -> str:
    """Fills `model` from a checkpoint (.pt), a package (model.json) or a Hugging Face folder; says what was missing."""
    if (path / "model.json").exists():
        from training.dequantize import read_package

        state = read_package(path)
    elif path.is_dir():
        from safetensors.torch import load_file

        state = {f"encoder.{name}": value for name, value in load_file(path / "model.safetensors").items()}
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)
        state = state.get("model", state)
    result = model.load_state_dict(state, strict=False)
    model.heads["fill-mask"].weight = model.encoder.embeddings.word_embeddings.weight
    missing = [name for name in result.missing_keys if "position_ids" not in name and name != "heads.fill-mask.weight"]
    return f"{len(state)} tensors from {path}; new: {', '.join(missing) or 'none'}"
