"""Inputs of tasks.py: hand-written hard cases first, then sentences from templates with a fixed seed."""
import itertools
import json
import random
import re
from pathlib import Path

PEOPLE = ["Ada Lovelace", "Nguyễn Thị Minh", "José Ángel Gutiérrez", "Søren Kierkegaard", "O'Connor", "J. R. R. Tolkien",
          "Jean-Baptiste Poquelin", "Zbigniew Brzeziński", "María-José", "Mr. Fitzwilliam Darcy", "Dr. Hwang Woo-suk",
          "Þórbergur Þórðarson", "Wolfeschlegelsteinhausen", "Chimamanda Ngozi Adichie", "Angela Merkel", "李小龙"]
PLACES = ["Paris", "New York City", "São Paulo", "Łódź", "Reykjavík", "St. Petersburg", "Bosnia-Herzegovina", "München",
          "Llanfairpwllgwyngyll", "Côte d'Ivoire", "東京", "Washington, D.C.", "Ouagadougou", "the Rhine", "Baden-Württemberg"]
ORGS = ["Microsoft", "United Nations", "AT&T", "Reuters", "Société Générale", "F.C. Barcelona", "Johnson & Johnson",
        "Yahoo!", "European Central Bank", "E.ON", "Hewlett-Packard", "Sotheby's", "Médecins Sans Frontières", "3M"]
THINGS = ["the World Cup", "Nobel Prize", "Boeing 747-400", "iPhone", "Russian", "the Tour de France", "Buddhist"]

NER_HAND = """\
Paul Smith works for Microsoft in Seattle.
EU rejects German call to boycott British lamb.
My name is Wolfgang and I live in Berlin
wolfgang lives in berlin
WOLFGANG LIVES IN BERLIN
Hugging Face Inc. is a company based in New York City. Its headquarters are in DUMBO, therefore very close to the Manhattan Bridge.
Barack Obama met Angela Merkel, Emmanuel Macron and Justin Trudeau.
There are no names in this sentence at all.
London
Mr.
.
...
!?
,,,,
a
I
 
\t
   leading and trailing spaces   
London,Paris,Rome;Berlin/Tokyo
New York-based Goldman Sachs' CEO
the U.S.A. and the U.K. and the U.N.
Wolfeschlegelsteinhausenbergerdorff visited Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch.
Antidisestablishmentarianism in Kyrgyzstan, Azerbaijan and Turkmenistan
Zlatan Ibrahimović scored for Paris Saint-Germain against Bayern München.
Łukasz Piszczek, Robert Lewandowski and Jakub Błaszczykowski play in Dortmund.
Beyoncé and Jay-Z at Coachella
José María Aznar fue presidente de España.
François Hollande est né à Rouen.
Die Straße führt nach Weißenfels, sagt Günter Großkopf.
Ёлки-палки: Владимир Путин в Москве.
Ο Αλέξης Τσίπρας στην Αθήνα
محمد صلاح يلعب في ليفربول
שלום מירושלים
नरेन्द्र मोदी दिल्ली में
สมชาย อยู่กรุงเทพ
李小龙出生于旧金山。
安倍晋三は東京で生まれた。
김정은은 평양에 있다.
𝐏𝐚𝐮𝐥 lives in 𝓛𝓸𝓷𝓭𝓸𝓷
😀 Paul 😀 lives in 🇫🇷 Paris 👨‍👩‍👧‍👦!
🎉🎉🎉London🎉🎉🎉
𠀀𠀁 Tokyo 𠮷野家
Cafe\u0301 de Flore in Paris, cafe\u0301s in Zu\u0308rich
\u00adMicro\u00adsoft\u00ad and Goo\u200bgle
Paul\u0000Smith\ufffd met\ufeff Ada\u2028Lovelace
Paul\tSmith\nworks\r\nin\u00a0Seattle\u3000now
ﬁnland and ﬂorida
Ⅳ Henry Ⅷ of England ½ ¾ ²
İstanbul and Iğdır in Türkiye
ǅabel ﬃ ẞ ŉ
http://www.london.gov.uk/paris?who=john.smith@example.com
@BarackObama #NewYork $AAPL 100% C++ C# .NET
"Sherlock Holmes," said Dr. Watson, "of 221B Baker Street."
don't can't won't I'm you've they're it's Paul's O'Brien's
rock-n-roll 'n' roll isn't Paul's 'Paris'
Smith (John) [Paris] {Rome} <Oslo>
JohnSmith JohnPaulJones vonNeumann
john.smith, JOHN_SMITH, john-smith
3M, 7-Eleven, 20th Century Fox, Boeing 747, F-16, B-2
Dr. Dr. h.c. mult. Helmut Kohl
South Korea's Samsung Electronics Co Ltd said on Monday
SOCCER - JAPAN GET LUCKY WIN , CHINA IN SURPRISE DEFEAT .
Nadim Ladki
AL-AIN , United Arab Emirates 1996-12-06
1996-12-06
Cuttitta , 31 , is back for Italy
Bitar pulled off fine saves whenever they did .
Real Madrid Barcelona Valencia Sevilla
Real Madrid, Barcelona, Valencia, Sevilla
Paris Hilton stayed at the Paris Hilton in Paris.
Jordan flew to Jordan with Jordan Airlines.
Washington and Washington and Washington
Mount Everest Everest Base Camp Himalaya
the the the Paris the the the
xqzwvk jjkkqq Paris zzxxyy
a b c d e f g h i j k l m n o p
supercalifragilisticexpialidocious Mary Poppins
pneumonoultramicroscopicsilicovolcanoconiosis in Iowa
AaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA in Rome
[UNK] is not [MASK] in [SEP] Paris [CLS] ok
##ing ##London ## Paris
Ms. Nguyễn Thị Kim Ngân; Hà Nội, Việt Nam
Ngũgĩ wa Thiong'o was born in Kamiriithu, Kenya.
ʻOumuamua Hawaiʻi Kauaʻi
Rock ’n’ Roll — “Paris” – ‘Rome’… «Oslo»
Hwang Woo-suk; Kim Jong-un/Kim Jong-il
The Beatles' "Penny Lane"/"Eleanor Rigby" were recorded at Abbey Road, London NW8.
Bundesverfassungsgericht Karlsruhe Bundesfinanzministerium Berlin
Ulaanbaatar Antananarivo Thiruvananthapuram Ouagadougou Bandar Seri Begawan
""".split("\n")[:-1]




def ner_sentences(rng: random.Random, count: int) -> list[str]:
    frames = [
        "{p} works for {o} in {l}.", "{o} said on Monday that {p} will leave {l} after {t}.", "{p}, {p} and {p} met in {l}.",
        "In {l}, {o} and {o} compete for {t}.", "Why did {p} leave {o}? Nobody in {l} knows.", "{l} ({o}): {p} - {t}",
        "{p}'s {t} from {l}", "{o}/{o}, {l}; {p}", "“{p}” told {o}: “{l} isn't {l}!”", "{l}-born {p} ({o}) wins {t}",
        "i saw {p} at {o} near {l} yesterday", "{o}{l}{p}", "The {t} of {l}, by {p}. © {o} 2024", "{p} @ {l} 😀 #{o}",
        "after 3.5 years at {o}, {p} moved from {l} to {l}, which cost €1,200.50", "{t} {t} {t}",
    ]
    fill = {"{p}": PEOPLE, "{l}": PLACES, "{o}": ORGS, "{t}": THINGS}
    out = []
    for frame in itertools.islice(itertools.cycle(frames), count):
        for slot, words in fill.items():
            while slot in frame:
                frame = frame.replace(slot, rng.choice(words), 1)
        out.append(frame)
    return out


def quoted_sentences(rng: random.Random, count: int) -> list[str]:
    """Different sentences of XQuAD paragraphs, at most 40 words."""
    xquad = json.loads((Path(__file__).parent / "xquad.json").read_text())
    sentences = [s for x in xquad for s in re.split(r"(?<=[.?!]) (?=[A-Z])", x["context"]) if 3 < len(s.split()) <= 40]
    return rng.sample(sentences, count)


def token_classification(seed=6):
    """(text, model maximum, stride or None): strides only where windows are wanted."""
    rng = random.Random(seed)
    short = NER_HAND + ner_sentences(rng, 100) + quoted_sentences(rng, 40)
    cases = [(text, 512, None) for text in short]
    # Windows: small model maxima make many of them cheaply; a few texts pass the real 512.
    for i in range(36):
        text = " ".join(ner_sentences(rng, rng.randint(4, 12)))
        maximum = rng.choice([16, 24, 32, 48, 64, 128])
        stride = rng.choice([0, 1, 2, 4, 8, maximum // 4, maximum // 2])
        cases.append((text, maximum, min(stride, maximum - 3)))
    for stride in (64, 64, 0, 128, 256, 64):
        cases.append((" ".join(ner_sentences(rng, rng.randint(45, 75))), 512, stride))
    cases.append(("Llanfairpwllgwyngyll " * 12, 24, 6))
    cases.append(("😀 Łódź 東京 " * 14, 20, 7))
    cases.append(("Paris", 16, 4))
    return cases


QA_HAND = [
    ("My name is Wolfgang and I live in Berlin", ["Where do I live?", "What's my name?", "Who lives in Berlin?"]),
    ("Paul bought a red shirt for 25 dollars, and Ramona ate two scoops of ice cream on 5 May 2019.",
     ["Who bought the shirt?", "What did Ramona eat?", "When?", "How much was the shirt?"]),
    ("Paris", ["Where?", "What is the capital of France?"]),
    ("Paris.", ["Where?"]),
    ("Yes", ["Is it?"]),
    ("a b", ["which letter?"]),
    (".", ["What?"]),
    ("Paris is big. PARIS is old. paris is far. Paris is Paris.", ["Which city?", "What is old?"]),
    ("Rome, Rome, Rome, Rome, Rome and Rome.", ["Which city?"]),
    ("The year was 1969. In 1969, men walked on the Moon; the year 1969 is famous.", ["Which year?", "When did men walk on the Moon?"]),
    ("😀 The cat 🐈 named Félix lives in 🇫🇷 Nantes with 𝓐𝓭𝓪 and 𠮷田さん. 👨‍👩‍👧‍👦 They eat crêpes 🥞!",
     ["Where does the cat live?", "Who lives with the cat?", "What do they eat?", "What is the cat's name?"]),
    ("𝐓𝐡𝐞 𝐜𝐚𝐩𝐢𝐭𝐚𝐥 𝐨𝐟 France is Paris 𝐚𝐧𝐝 the capital of Italy is Rome.", ["What is the capital of Italy?"]),
    ("李小龙出生于旧金山。他是一位演员。Bruce Lee was born in San Francisco.", ["Where was Bruce Lee born?", "Who was born in 旧金山?"]),
    ("Die Hauptstadt von Österreich ist Wien; Graz liegt in der Steiermark, Übelbach auch.", ["Was ist die Hauptstadt?"]),
    ("Cafe\u0301 de Flore is in Paris; Zu\u0308rich has cafe\u0301s as well, says Rene\u0301e Zellweger.", ["Where is the café?", "Who says so?"]),
    ("The   quick\tbrown\nfox\r\n jumps\u00a0over \u3000the lazy dog.", ["What does the fox jump over?", "Which animal jumps?"]),
    ("Micro\u00adsoft was founded by Bill\u200b Gates\ufeff and Paul\u0000 Allen.", ["Who founded Microsoft?"]),
    ("Donaudampfschifffahrtsgesellschaftskapitän Johannes Gensfleisch steered the Österreichische Bundesbahnen ferry at Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch.",
     ["Who steered the ferry?", "Where was it?"]),
    ("No. There is nothing here that answers anything of the kind.", ["How tall is Mount Everest?", "Who wrote Hamlet?"]),
    ("", []),
    ("It costs $1,234.56 (about €1.100,00), i.e. 20% less than in the U.S.; call +1-800-555-0199 or mail a.b@c.org.",
     ["How much does it cost?", "Which number should I call?", "What is the mail address?"]),
    ("Mary said \"I don't know\", John said 'it's Tom's', and the rock 'n' roll band's drummer wasn't there.",
     ["Whose is it?", "What did Mary say?", "Who wasn't there?"]),
    ("[CLS] is a token, [SEP] is a token, [MASK] hides one and [UNK] is unknown. 🤷", ["What hides one?"]),
    ("नरेन्द्र मोदी दिल्ली में रहते हैं। Narendra Modi lives in Delhi. محمد في القاهرة", ["Where does Modi live?"]),
    ("İstanbul'da yaşayan Işıl, IŞIL ile ışıl ışıl konuştu. ISTANBUL istanbul İSTANBUL", ["Who lives in Istanbul?", "Which city?"]),
    ("x" * 120 + " is long, y is short, and z is in between.", ["What is short?"]),
    ("...!!!???", ["What?"]),
    ("ﬁfty ﬂowers cost ½ of ² pounds in ǅakarta № 5", ["How many flowers?"]),
]
QA_NAMES = ["Ada", "Bruno", "Chloé", "Dmitri", "Eun-ji", "Fatima", "Günther", "Hiroshi", "Ímar", "João", "Kwame", "Łucja"]
QA_JOBS = ["a doctor", "the gardener", "an engineer", "a part-time baker", "the mayor", "a 🎻 violinist"]
QA_ITEMS = ["a wooden chair", "three apples", "an old map of Łódź", "12.5 kg of rice", "the 1998 atlas", "a ‘quiet’ dog"]


def qa_generated(rng: random.Random, sentences: int) -> tuple[str, list[str]]:
    lines, facts = [], []
    for _ in range(sentences):
        name, job, item, place, year = rng.choice(QA_NAMES), rng.choice(QA_JOBS), rng.choice(QA_ITEMS), rng.choice(PLACES), rng.randint(1650, 2030)
        lines.append(rng.choice([
            f"In {year}, {name} moved to {place} and became {job}.", f"{name}, {job} from {place}, bought {item} in {year}.",
            f"{place} is where {name} lost {item}.", f"Nobody knew that {name} ({job}) had sold {item} to {rng.choice(QA_NAMES)}.",
        ]))
        facts.append((name, item, place))
    name, item, place = rng.choice(facts)
    return " ".join(lines), [f"Where did {name} live?", f"Who bought {item}?", f"What happened in {place}?", "When?"]


QA_PARAMETERS = [
    {}, {}, {"top_k": 3}, {"top_k": 5, "max_answer_len": 5}, {"handle_impossible_answer": True},
    {"handle_impossible_answer": True, "top_k": 4}, {"align_to_words": False}, {"align_to_words": False, "top_k": 6},
    {"max_seq_len": 64, "doc_stride": 16}, {"max_seq_len": 48, "doc_stride": 8, "top_k": 3},
    {"max_seq_len": 96, "doc_stride": 32, "handle_impossible_answer": True, "top_k": 2}, {"max_answer_len": 1},
    {"max_answer_len": 30, "top_k": 10}, {"top_k": 20}, {"max_seq_len": 64, "doc_stride": 0, "top_k": 2},
    {"max_seq_len": 128, "top_k": 3}, {"max_seq_len": 40, "doc_stride": 3, "align_to_words": False, "top_k": 4},
    {"max_seq_len": 512, "doc_stride": 200, "top_k": 2}, {"max_answer_len": 200, "top_k": 3},
]


def question_answering(seed=7):
    """(question, context, parameters)"""
    rng = random.Random(seed)
    pairs = [(q, c) for c, questions in QA_HAND for q in questions]
    xquad = json.loads((Path(__file__).parent / "xquad.json").read_text())
    pairs += [(q, x["context"]) for x in xquad for q in x["questions"]]
    for i in range(30):
        context, questions = qa_generated(rng, rng.choice([2, 4, 8, 8, 16, 40]) if i else 90)
        pairs += [(q, context) for q in questions[: 3 if i else 1]]
    long_question = "Considering everything that has been said, " * 9 + "where does the cat live?"
    pairs.append((long_question, QA_HAND[10][0]))
    cases = [(q, c, QA_PARAMETERS[i % len(QA_PARAMETERS)]) for i, (q, c) in enumerate(pairs)]
    # Every parameter set on a repeated answer, on astral text and on a long context.
    for q, c in [pairs[10], ("Which city?", QA_HAND[7][0]), ("Who lives with the cat?", QA_HAND[10][0]), (xquad[12]["questions"][0], xquad[12]["context"])]:
        cases += [(q, c, p) for p in QA_PARAMETERS[2:]]
    return cases


ZERO_TEXTS = [
    "I have a problem with my iphone that needs to be resolved asap!!", "Who are you voting for in 2020?", "The team won the final 3-2 after extra time.",
    "A man is playing a guitar on stage.", "The stock market fell sharply on Monday.", "Das Essen war köstlich.", "今天天气很好。", "😀😀😀", ".",
    "This movie was the worst two hours of my life, and I'd watch it again.", "The recipe needs two eggs, flour and a pinch of salt.",
    "NASA launched a probe to Jupiter's moon Europa 🚀.", "My grandmother's garden is full of roses.", "He isn't happy; she's not sad.",
    "Parliament passed the budget by a narrow majority.", "The 𝐟𝐚𝐬𝐭 car won't start in the cold.", " ", "Don't you dare!",
    "A very long text. " * 150, "Nurses and doctors went on strike over pay and working hours.",
]
ZERO_LABELS = [
    ["urgent", "not urgent", "phone", "tablet", "computer"], ["politics", "sports", "economy"], ["positive", "negative"], ["music"], "travel, cooking, dancing",
    "sports", " a ,b,, c ", ["Sport", "sport", "SPORT", "news"], ["a", "a"], ["happy 😀", "sad 😢", "café"], ["science", "cooking", "gardening", "cars", "weather", "health", "war"],
    ["a rather long label that goes on and on and says a lot of things about nothing", "short"], ["", "x"], ["$&", "{}", "{0}", "$1"], ["  spaced  ", "tab\there"],
]
ZERO_TEMPLATES = [None, None, "This text is about {}.", "{}", "Is it {}?", "The topic is {0}!", "Dies ist ein Beispiel für {}.", "{{literal}} {}"]


def zero_shot(seed=8):
    """(text, parameters)"""
    rng = random.Random(seed)
    texts = [(t, labels) for i, (t, labels) in enumerate(itertools.product(ZERO_TEXTS, ZERO_LABELS)) if i % 4 == 0 or i < 2 * len(ZERO_LABELS)]
    texts += [(t, rng.choice(ZERO_LABELS)) for t in ner_sentences(rng, 70) + quoted_sentences(rng, 110)]
    cases = []
    for i, (text, labels) in enumerate(texts):
        parameters = {"candidate_labels": labels}
        if i % 3 == 1:
            parameters["multi_label"] = True
        elif i % 7 == 0:
            parameters["multi_label"] = False
        template = rng.choice(ZERO_TEMPLATES)
        if template is not None:
            parameters["hypothesis_template"] = template
        cases.append((text, parameters))
    return cases


MASK_HAND = [
    "Artificial Intelligence [MASK] take over the world.", "The man worked as a [MASK].", "The woman worked as a [MASK].", "The capital of France is [MASK].",
    "Dang! I'm out fishing and a huge trout just [MASK] my line!", "[MASK]", "[MASK] [MASK]", "[MASK][MASK][MASK]", "[MASK].", "Hello [MASK]!", "the [MASK] of the [MASK] is [MASK].",
    "I don't [MASK] it's Paul's 'book'.", "He said: \"[MASK]\", and (then) left-handed, 50% [MASK]...", "Café [MASK] à la crème, Straße [MASK].", "😀 [MASK] 😀", "𝐟𝐚𝐬𝐭 [MASK] 𠮷",
    "東京は[MASK]です。", "Paris is the [MASK] of France, and Rome is the [MASK] of Italy.", "pneumonoultramicroscopic[MASK]", "un[MASK]able", "  spaces   [MASK]  here ", "tab\t[MASK]\nnewline",
    "[SEP] [MASK] [CLS] [UNK]", "She do not [MASK] n't 's 've.", "A [MASK] , b . c ! d ? e ' f", "http://www.[MASK].com/", "Ⅳ [MASK] ½", "नमस्ते [MASK]", "2 + 2 = [MASK]", "[mask] [MASK] [Mask]",
]
MASK_FRAMES = [
    "{p} lives in [MASK].", "{p} bought a [MASK] in {l}.", "The [MASK] of {l} is large.", "{o} makes [MASK] and [MASK].", "In {l}, people [MASK] every day.", "{p} is [MASK].", "I [MASK] {t}.",
    "The best [MASK] in {l} is {p}, who works for [MASK].", "{o}'s [MASK] isn't {p}'s.", "[MASK] met {p} at {o}.",
]
MASK_TARGETS = [
    None, None, None, ["paris", "london"], "doctor", ["doctor", "nurse", "teacher", "doctor"], ["Doctor", "NURSE"], ["supercalifragilistic", "cat"], ["cat", "cat", "dog"],
    ["##ing", "ing"], ["antidisestablishment"], ["é", "e", "café"], ["😀", "东"], ["", "dog"], ["new york", "new"], [" ", "."], ["[UNK]", "[PAD]", "the"], ["book", "car", "house", "tree", "river", "sea", "sky"],
]
MASK_TOP_K = [None, None, 1, 3, 10, 50, 2]


def fill_mask(seed=9):
    """(text, parameters)"""
    rng = random.Random(seed)
    texts = list(MASK_HAND)
    for sentence in quoted_sentences(rng, 130):
        words = sentence.split(" ")
        for place in rng.sample(range(len(words)), 1 + (len(texts) % 4 == 0)):
            words[place] = "[MASK]"
        texts.append(" ".join(words))
    for frame in itertools.islice(itertools.cycle(MASK_FRAMES), 90):
        for slot, words in {"{p}": PEOPLE, "{l}": PLACES, "{o}": ORGS, "{t}": THINGS}.items():
            while slot in frame:
                frame = frame.replace(slot, rng.choice(words), 1)
        texts.append(frame)
    cases = []
    for i, text in enumerate(texts):
        parameters = {}
        targets, top_k = MASK_TARGETS[i % len(MASK_TARGETS)], MASK_TOP_K[i % len(MASK_TOP_K)]
        if targets is not None:
            parameters["targets"] = targets
        if top_k is not None:
            parameters["top_k"] = top_k
        cases.append((text, parameters))
    return cases
