"""LangChain's OpenAIEmbeddings: sends arrays of cl100k_base tokens unless it is told not to."""

from langchain_openai import OpenAIEmbeddings
from record import Calls, record


def calls(base: str, given: dict) -> Calls:
    fields = {"base_url": base + "/v1", "api_key": "sk-test"}
    tokens = OpenAIEmbeddings(model="text-embedding-3-small", **fields)
    plain = OpenAIEmbeddings(model="bert", check_embedding_ctx_length=False, **fields)
    texts = given["texts"]
    return {
        "embed_documents, tokens": lambda: tokens.embed_documents(texts),
        "embed_query, tokens": lambda: tokens.embed_query(texts[0]),
        "embed_documents": lambda: plain.embed_documents(texts),
        "unknown model": lambda: OpenAIEmbeddings(model="x/y", **fields).embed_query("a"),
        "empty": lambda: plain.embed_query(""),
    }


record(calls)
