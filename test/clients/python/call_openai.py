"""openai: embeddings (base64 by default), models, completions, errors."""

from openai import OpenAI
from record import Calls, record


def calls(base: str, given: dict) -> Calls:
    client = OpenAI(base_url=base + "/v1", api_key="sk-test")
    create, texts = client.embeddings.create, given["texts"]
    complete = client.completions.create

    def streamed() -> str:
        chunks = complete(model="bert", prompt="hello", max_tokens=5, stream=True)
        return "".join(choice.text for chunk in chunks for choice in chunk.choices)

    return {
        "base64": lambda: create(model="bert", input=texts),
        "float": lambda: create(model="bert", input=texts, encoding_format="float"),
        "dimensions": lambda: create(model="text-embedding-3-small", input=texts[0], dimensions=64),
        "tokens": lambda: create(model="bert", input=given["tokens"]),
        "512": lambda: [len(item.embedding) for item in create(model="bert", input=["a"] * 512, dimensions=8).data],
        "models": lambda: [model.id for model in client.models.list()],
        "model": lambda: client.models.retrieve("google-bert/bert-base-uncased").id,
        "completion": lambda: complete(model="bert", prompt="hello", max_tokens=5),
        "stream": streamed,
        "empty": lambda: create(model="bert", input=""),
        "too many dimensions": lambda: create(model="bert", input="a", dimensions=4000),
        "unknown model": lambda: create(model="x/y", input="a"),
        "too large": lambda: create(model="bert", input="a" * 2_100_000),
    }


record(calls)
