"""llama-index on text-embeddings-inference's routes."""

from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from llama_index.embeddings.text_embeddings_inference import TextEmbeddingsInference
from llama_index.postprocessor.tei_rerank import TextEmbeddingInference
from record import Calls, record


def calls(base: str, given: dict) -> Calls:
    key = given["key"]
    embedding = TextEmbeddingsInference(model_name="all-MiniLM-L6-v2", base_url=base, auth_token=key)
    reranker = TextEmbeddingInference(base_url=base, top_n=1, auth_token=key)
    nodes = [NodeWithScore(node=TextNode(text=text)) for text in given["documents"]]

    def rerank() -> list[list[object]]:
        ranked = reranker.postprocess_nodes(nodes, QueryBundle(given["query"]))
        return [[node.text, node.score] for node in ranked]

    return {
        "texts": lambda: embedding.get_text_embedding_batch(given["texts"]),
        "query": lambda: embedding.get_query_embedding(given["texts"][0]),
        "rerank": rerank,
    }


record(calls)
