"""LangChain's HuggingFaceEndpointEmbeddings. It refuses a URL as its model, so its client is given one."""

from huggingface_hub import InferenceClient
from langchain_huggingface import HuggingFaceEndpointEmbeddings
from record import Calls, record


def calls(base: str, given: dict) -> Calls:
    def at(path: str) -> HuggingFaceEndpointEmbeddings:
        embeddings = HuggingFaceEndpointEmbeddings(model="all-MiniLM-L6-v2", huggingfacehub_api_token="hf_t")
        embeddings.client = InferenceClient(model=base + path, token="hf_t")
        return embeddings

    return {
        "embed_documents": lambda: at("/embed").embed_documents(given["texts"]),
        "embed_query": lambda: at("/tasks/feature-extraction").embed_query(given["texts"][0]),
        "empty": lambda: at("/embed").embed_documents(["a", ""]),
    }


record(calls)
