"""huggingface_hub: one URL for each task, the hosted API's paths, and what it asks of an endpoint."""

import asyncio

from huggingface_hub import AsyncInferenceClient, InferenceClient
from record import Calls, record


def calls(base: str, given: dict) -> Calls:
    def at(path: str) -> InferenceClient:
        return InferenceClient(base_url=base + path, token="hf_t")

    hosted = InferenceClient(model=base + "/hf-inference/models/google-bert/bert-base-uncased", provider="hf-inference")
    endpoint = InferenceClient(model=base, provider="hf-inference")
    fill_mask = at("/tasks/fill-mask").fill_mask
    classify = at("/tasks/text-classification").text_classification
    tag = at("/tasks/token-classification").token_classification
    answer = at("/v1/tasks/question-answering").question_answering
    choose = at("/tasks/zero-shot-classification").zero_shot_classification
    embed = at("/tasks/feature-extraction").feature_extraction
    generate = at("/tasks/text-generation").text_generation
    masked, names, texts = given["masked"], given["names"], given["texts"]
    return {
        "fill_mask": lambda: fill_mask(masked, top_k=3),
        "fill_mask, targets": lambda: fill_mask(masked, targets=["banana", "capital"]),
        "fill_mask, two masks": lambda: fill_mask("[MASK] is the [MASK] of France.", top_k=2),
        "text_classification": lambda: classify("What a wonderful day!"),
        "text_classification, top_k": lambda: classify("What a wonderful day!", top_k=1, function_to_apply="sigmoid"),
        "token_classification": lambda: tag(names),
        "token_classification, none": lambda: tag(names, aggregation_strategy="none"),
        "question_answering": lambda: answer("Where does Sarah live?", names),
        "question_answering, top_k": lambda: answer("Where does Sarah live?", names, top_k=2),
        "zero_shot_classification": lambda: choose("I want my money back.", ["refund", "weather"]),
        "zero_shot_classification, multi_label": lambda: choose(
            "I want my money back.", ["refund", "weather"], multi_label=True, hypothesis_template="This is about {}."
        ),
        "sentence_similarity": lambda: at("/tasks/sentence-similarity").sentence_similarity(texts[0], texts),
        "feature_extraction": lambda: embed(texts),
        "feature_extraction, one": lambda: embed(texts[0], normalize=True, truncate=True),
        "feature_extraction, async": lambda: asyncio.run(
            AsyncInferenceClient(base_url=base + "/embed").feature_extraction(texts)
        ),
        "summarization": lambda: at("/tasks/summarization").summarization(given["article"]),
        "text_generation": lambda: generate("Once upon a", max_new_tokens=5),
        "text_generation, details": lambda: generate("Once upon a", max_new_tokens=5, details=True, stop=["."]),
        "text_generation, stream": lambda: list(generate("Once upon a", max_new_tokens=5, stream=True)),
        "text_generation, stream of details": lambda: list(
            generate("Once upon a", max_new_tokens=5, stream=True, details=True)
        ),
        "one URL for all": lambda: at("").question_answering("Where does Sarah live?", names),
        "one URL for all, text_generation": lambda: at("").text_generation("Once upon a", max_new_tokens=5),
        "provider": lambda: hosted.fill_mask(masked),
        "health_check": endpoint.health_check,
        "get_endpoint_info": endpoint.get_endpoint_info,
        "health_check of a task": lambda: endpoint.health_check(base + "/tasks/sentiment/"),
        "health_check of no task": lambda: endpoint.health_check(base + "/tasks/translation"),
        "get_endpoint_info of a task": lambda: endpoint.get_endpoint_info(model=base + "/tasks/sentiment"),
        "get_endpoint_info of a model": lambda: endpoint.get_endpoint_info(
            model=base + "/models/sentence-transformers/all-MiniLM-L6-v2"
        ),
        "no mask": lambda: fill_mask("nothing to fill"),
        "empty": lambda: embed(""),
        "no labels": lambda: choose("x", []),
        "unknown task": lambda: at("/tasks/translation").summarization("x"),
        "unknown model": lambda: at("/models/no/such").fill_mask(masked),
    }


record(calls)
