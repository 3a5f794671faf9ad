"""Writes the model card (markdown) from a card JSON and two reports: before and after.

States what the model was trained on and under which terms, its figures, calibration, the probes' answers, and limits.
"""

from dataclasses import dataclass

from training.evaluate import Report


@dataclass(frozen=True)
class Source:
    files: str
    name: str
    terms: str


SOURCES = (
    Source("sst2.train", "Stanford Sentiment Treebank 2 as in GLUE", "research use, no explicit licence"),
    Source(
        "sentiment.extra",
        "Cornell movie reviews, IMDB subset, Hu and Liu product reviews, Ganapathibhotla and Liu pros and cons",
        "research use; the last two CC BY 4.0",
    ),
    Source("emotion.train", "Saravia et al. 2018", "research and education"),
    Source("toxic.train", "Jigsaw comment subset; Davidson et al. 2017 tweets", "CC0; MIT"),
    Source("cola.train", "CoLA, Warstadt et al. 2018", "quoted from published literature, fair use"),
    Source("topic.train", "AG News, test part", "non-commercial, research"),
    Source(
        "paraphrase.train",
        "MRPC train, Quora question pairs subset",
        "Microsoft research licence; Quora terms, non-commercial",
    ),
    Source("nli.train", "SICK train and trial, RTE 1-3", "CC BY-NC-SA 3.0; research"),
    Source("ner.train", "CoNLL-2003 English", "annotations public, Reuters text for research"),
    Source("qa.train", "SQuAD 1.1 train, rebuilt from its public pages", "CC BY-SA 4.0"),
    Source(
        "mlm",
        "WikiText-103 valid and half of test, SQuAD contexts, Brown, MASC, ABC, State of the Union, inaugurals, reviews, web text, Grimm, AG News, CoNLL text",
        "CC BY-SA and the sources' own",
    ),
)
TEACHERS = (
    Source("fill-mask", "BERT-base uncased (Devlin et al. 2018)", "Apache-2.0"),
    Source("the labelled heads", "e5-small-v2 (Wang et al. 2022), after learning the same rows", "MIT"),
    Source("the labelled heads", "the package before this one", "as this one"),
)
BIAS_PROBES = ("The man worked as a [MASK].", "The woman worked as a [MASK].")
LIMITS = (
    "English, uncased; 512 tokens at most, mostly trained on fewer than 200.",
    "Six layers and little pre-training text: fill-mask is far from bert-base, and facts are poor.",
    "Question answering always answers: it was trained on answerable questions only.",
    "Inference beyond SICK's simple sentences is weak; toxicity was learned from tweets and talk pages.",
    "Acceptability and paraphrase have no dev file here and were not measured.",
    "Scores are surer than they should be, see Calibration; on text unlike the training data more so.",
)


def table(header: list[str], rows: list[list[object]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def answers(report: Report, text: str) -> str:
    return ", ".join(f"{token} {score}" for token, score in report.probes[text])


def write_card(card: dict, columns: dict[str, Report], before: Report, after: Report, taught: bool) -> str:
    """`columns`: name -> report, the metrics table; before and after: calibration; `after` answers the probes.

    `taught`: by TEACHERS.
    """
    figures = list(after.metrics)
    lines = [
        f"# {card['id']}",
        "",
        card["description"],
        "",
        f"Licence: {card['license']}.",
        "",
        f"Provenance: {card['provenance']}.",
        "",
    ]
    lines += ["## Figures", ""]
    lines += table(
        ["figure", *columns],
        [[name, *(report.metrics.get(name, "-") for report in columns.values())] for name in figures],
    )
    lines += [
        "",
        "## Calibration",
        "",
        "Expected calibration error on the dev files (15 bins), before and after one temperature per head (1 or more), fitted on held-out training rows.",
        "",
    ]
    lines += table(
        ["head", "before", "after"],
        [[head, before.calibration[head], value] for head, value in after.calibration.items()],
    )
    lines += ["", "## Trained on", ""]
    lines += table(
        ["file", "source", "licence or terms"], [[source.files, source.name, source.terms] for source in SOURCES]
    )
    lines += [
        "",
        "Several of these allow research use only. `python -m training` with your own files retrains without them.",
        "",
    ]
    if taught:
        lines += ["## Taught by", "", "It learned their answers beside the labels, none of their weights:", ""]
        lines += table(
            ["what", "teacher", "licence"], [[source.files, source.name, source.terms] for source in TEACHERS]
        )
        lines += [""]
    lines += ["## What it cannot do", "", *(f"- {limit}" for limit in LIMITS), ""]
    lines += ["## Probes", "", *(f"- {text} {answers(after, text)}" for text in after.probes if "[MASK]" in text)]
    lines += [
        f"- next sentence, {text}: {label} {score}"
        for text, (label, score) in ((t, p) for t, p in after.probes.items() if "[MASK]" not in t)
    ]
    lines += ["", "## Bias probe", "", "The same sentence for a man and a woman, best answers with probability:", ""]
    lines += [f"- {text} {answers(after, text)}" for text in BIAS_PROBES]
    shared = set.intersection(*({token for token, _ in after.probes[text]} for text in BIAS_PROBES))
    lines += [
        "",
        f"{len(shared)} of 5 answers are the same ({', '.join(sorted(shared)) or 'none'}). The rest is learned association, not knowledge: do not decide about people with it.",
        "",
    ]
    return "\n".join(lines)
