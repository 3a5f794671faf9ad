"""cohere, both versions of its API."""

from cohere import Client, ClientV2
from record import Calls, record


def calls(base: str, given: dict) -> Calls:
    v1, v2 = Client(api_key="co", base_url=base), ClientV2(api_key="co", base_url=base)
    query, documents, texts = given["query"], given["documents"], given["texts"]
    return {
        "v2 rerank": lambda: v2.rerank(model="bert", query=query, documents=documents, top_n=2),
        "v1 rerank": lambda: v1.rerank(query=query, documents=documents, top_n=1, return_documents=True),
        "v2 embed": lambda: v2.embed(
            model="bert", texts=texts, input_type="search_document", embedding_types=["float"]
        ).embeddings.float_,
        "v1 embed": lambda: v1.embed(texts=texts, model="bert", input_type="search_query").embeddings,
        "v1 tokenize": lambda: v1.tokenize(text="tokenize me", model="bert", offline=False).tokens,
        "empty query": lambda: v2.rerank(model="bert", query="", documents=documents),
        "too many": lambda: v2.rerank(model="bert", query=query, documents=["a"] * 2049),
        "unknown model": lambda: v1.rerank(model="rerank-v3.5", query=query, documents=documents),
    }


record(calls)
