"""Teachers: networks whose answers the model learns besides the labels (Hinton et al. 2015).

`words` answer fill-mask (BERT-base as Google trained it, bert_base.py), `tasks` the heads that they have learned (e5-small
after `training.fit --as-teacher`, and the package before this one: together they are right more often than each of them).
A teacher says more than a label: what else would do, and how sure it is.
Next sentence has labels only: BERT-base takes what keeps to the subject for a continuation (coffee, ice cream: 0.97).
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from training.model import MultiTask, load_model
from training.tasks import MASKED, TEACHER_FEEDS, Feed

TAUGHT = {feed.head for feed in TEACHER_FEEDS}


@dataclass(frozen=True)
class Teachers:
    words: tuple[MultiTask, ...] = ()
    tasks: tuple[MultiTask, ...] = ()

    def of(self, feed: Feed) -> tuple[MultiTask, ...]:
        """Who answers for this feed's head; where nobody does, labels alone teach it."""
        if feed.kind in MASKED:
            return self.words
        return self.tasks if feed.head in TAUGHT else ()

    def to(self, device: torch.device) -> "Teachers":
        for teacher in (*self.words, *self.tasks):
            teacher.to(device)
        return self


def load_teachers(paths: tuple[Path, ...], heads: set[str], half: bool) -> tuple[MultiTask, ...]:
    """Networks that only answer; `half`: in bf16. Raises ValueError where one has not learned all of `heads`."""
    teachers = []
    for path in paths:
        model, new = load_model(path)
        if unable := heads & set(new):
            raise ValueError(f"{path} cannot teach {', '.join(sorted(unable))}: it has no such heads")
        model = model.eval().requires_grad_(False)
        teachers.append(model.bfloat16() if half else model)
    return tuple(teachers)


def divergence(logits: torch.Tensor, wanted: torch.Tensor, heat: float) -> torch.Tensor:
    """Mean KL divergence of rows (N, labels) from the teacher's, both softened by the temperature `heat`.

    Times heat^2, so that its gradients are of one size whatever the temperature (Hinton et al. 2015).
    """
    own, other = (rows.float().div(heat).log_softmax(-1) for rows in (logits, wanted))
    return heat**2 * F.kl_div(own, other, reduction="sum", log_target=True) / max(1, len(own))
