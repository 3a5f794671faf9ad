"""What the model learns: heads with their labels, and the feeds (data files) that train them.

A head is a small output network; a feed is one stream of training batches for one head. Two feeds may train one head
(SST-2 and the other reviews both train `sentiment`), so that their shares can be set apart. Head names are the
product's (model.json); file names are those of the data folder (../shared/data/README.md in our setting).
Licences of the data: see SOURCES in card.py.
"""

from dataclasses import dataclass, replace

CLASSIFICATION: dict[str, list[str]] = {
    "sentiment": ["negative", "positive"],
    "emotion": ["sadness", "joy", "love", "anger", "fear", "surprise"],
    "toxicity": ["clean", "toxic"],
    "acceptability": ["unacceptable", "acceptable"],
    "topic": ["World", "Sports", "Business", "Sci/Tech"],
    "paraphrase": ["different", "paraphrase"],
    "natural-language-inference": ["contradiction", "entailment", "neutral"],
    "next-sentence-prediction": ["isNext", "notNext"],
}
ENTITY_TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
NOT_ENTAILMENT = -2  # RTE's second label: contradiction or neutral, the data does not say which
IGNORED = -100  # a position without a label (cross_entropy's own convention)


@dataclass(frozen=True)
class Feed:
    """One stream of batches: `share` of all training tokens, `batch_tokens` (padding included) in one step."""

    name: str
    head: str
    kind: str  # how rows become sequences: single | pair | tags | span | text | sentence | verb | name | following
    files: tuple[str, ...]
    share: float
    batch_tokens: int = 2048
    dropout: float = 0.1  # inside the encoder; 0 where there is more text than time
    noise: float = 0.0  # part of the ids replaced by [MASK], against learning small files by heart


FEEDS = (
    Feed("fill-mask", "fill-mask", "text", ("mlm",), 0.13, dropout=0.0),
    Feed("sentences", "fill-mask", "sentence", ("mlm",), 0.04, 1024, 0.0),
    Feed("verbs", "fill-mask", "verb", ("mlm",), 0.02, 1024, 0.0),
    Feed("names", "fill-mask", "name", ("mlm",), 0.02, 1024, 0.0),
    Feed("next-sentence", "next-sentence-prediction", "following", ("mlm",), 0.04, 1024, 0.0),
    Feed("question-answering", "question-answering", "span", ("qa.train",), 0.36),
    Feed("sst2", "sentiment", "single", ("sst2.train",), 0.10, noise=0.08),
    Feed("reviews", "sentiment", "single", ("sentiment.extra",), 0.02, 1024, noise=0.08),
    Feed("token-classification", "token-classification", "tags", ("ner.train",), 0.09, 1024, noise=0.08),
    Feed("emotion", "emotion", "single", ("emotion.train",), 0.045, noise=0.08),
    Feed("toxicity", "toxicity", "single", ("toxic.train",), 0.04, noise=0.08),
    Feed("topic", "topic", "single", ("topic.train",), 0.025, noise=0.12),
    Feed("acceptability", "acceptability", "single", ("cola.train",), 0.005, 1024),
    Feed("paraphrase", "paraphrase", "pair", ("paraphrase.train",), 0.015, 1024, noise=0.05),
    Feed("natural-language-inference", "natural-language-inference", "pair", ("nli.train",), 0.05, noise=0.05),
)
MASKED = ("text", "sentence", "verb", "name")  # kinds that train fill-mask
SINGLE_HEADS = sorted({feed.head for feed in FEEDS if feed.kind == "single"})

TEACHER_SHARES = {
    "question-answering": 0.46,
    "sst2": 0.12,
    "reviews": 0.05,
    "token-classification": 0.09,
    "emotion": 0.05,
    "toxicity": 0.06,
    "topic": 0.04,
    "acceptability": 0.01,
    "paraphrase": 0.06,
    "natural-language-inference": 0.06,
}
# what a teacher learns: the labelled feeds
TEACHER_FEEDS = tuple(replace(feed, share=TEACHER_SHARES[feed.name]) for feed in FEEDS if feed.name in TEACHER_SHARES)
