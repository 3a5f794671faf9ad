"""Hard text for the tokenizer: hand-written lines (`LINES`) and a generator of random ones (`random_text`)."""

import random

SENTENCES = [
    "The quick brown fox jumps over the lazy dog.",
    "Don't you think it's the 1st time we've seen U.S. GDP grow by 3.14% (year-over-year)?",
    "Supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "El niño comió piñas en Málaga; ¿quién lo diría? ¡Qué va!",
    "Der Straßenbahnfahrer aß süße Äpfel in Österreich. GRÜẞE!",
    "L'élève français préfère les œufs à la crème brûlée — « vraiment » ?",
    "Nel mezzo del cammin di nostra vita mi ritrovai per una selva oscura, perché è così.",
    "A ação não é ficção: você, avô e avó põem pão à mão.",
    "Zażółć gęślą jaźń. Łódź, Kraków, Wrocław.",
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Árvíztűrő tükörfúrógép.",
    "Diyarbakır'ın İçişleri IŞIK ılık iğne, İSTANBUL ve Iğdır.",
    "Hreinn Þórður ætlaði í fjöru með Óðni.",
    "Smørrebrød på Ærø, å nei! Blåbærsyltetøy.",
    "Pchnąć w tę łódź jeża lub ośm skrzyń fig.",
    "Tiếng Việt có sáu thanh điệu: ma má mà mả mã mạ. Đường phố Hà Nội.",
    "Ο Οδυσσέας γύρισε στην Ιθάκη. ΟΔΥΣΣΕΥΣ, ΣΊΣΥΦΟΣ. Ἐν ἀρχῇ ἦν ὁ λόγος·",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Ёлка, Йод.",
    "Їжак, ґанок і щось іще в Києві. Ќе одиме во Ѓорѓија.",
    "Љубав и џунгла: Ђорђе, Његош, Ћуприја.",
    "Հայաստանի Հանրապետություն, Երևան։",
    "საქართველო და თბილისი. ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ",
    "שָׁלוֹם עֲלֵיכֶם, מַה נִּשְׁמַע? ״ירושלים״ ו־תל־אביב",
    "السَّلَامُ عَلَيْكُمْ وَرَحْمَةُ اللهِ، كيف حالك؟ ٢٠٢٤",
    "سلام دنیا، می‌خواهم کتاب‌ها را بخوانم. ۱۲۳",
    "اردو زبان بہت خوبصورت ہے۔ ﷺ ﷽",
    "ܫܠܡܐ ܥܠܟܘܢ ܐܚ̈ܝ",
    "नमस्ते दुनिया, मैं हिन्दी बोलता हूँ। क़लम ज़रूर फ़िल्म ड़ ढ़",
    "আমি বাংলায় গান গাই। য় ড় ঢ়",
    "ਸਤ ਸ੍ਰੀ ਅਕਾਲ, ਪੰਜਾਬੀ। ਸ਼ ਖ਼",
    "ગુજરાતી ભાષા સરસ છે.",
    "வணக்கம் உலகம், தமிழ் மொழி. கொ கோ கௌ",
    "తెలుగు భాష తీయనిది. కై",
    "ಕನ್ನಡ ನಾಡು ನುಡಿ. ಕೊ ಕೋ",
    "മലയാളം എന്റെ ഭാഷ. കൊ കോ",
    "සිංහල භාෂාව. කෝ කෞ",
    "ภาษาไทยไม่มีเว้นวรรค น้ำ ก็ ผู้ใหญ่",
    "ພາສາລາວ ນ້ຳ",
    "བོད་སྐད་ཡིན། གཱུ རྀ ལྀ",
    "မြန်မာဘာသာစကား။ ၀၁၂",
    "ភាសាខ្មែរ ស្រុកខ្មែរ។",
    "አማርኛ ቋንቋ። ሰላም፡ዓለም።",
    "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ꭰꭱꭲ",
    "ᐃᓄᒃᑎᑐᑦ ᖃᓂᐅᔮᖅᐸᐃᑦ᙮",
    "ᚠᛇᚻ᛫ᛒᛦᚦ ᚁᚅᚉ᚛",
    "Монгол хэл ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ᠃ a᠎b",
    "我喜欢吃苹果，你呢？北京大學。𠀀𪜀𫝀𫠠𬺰 豈更車 丽丸",
    "吾輩は猫である。名前はまだ無い。ﾊﾝｶｸ ｶﾞｷﾞ がぎぐ パピプ ㍿ ㌔",
    "한국어는 아름답습니다. 가각힣 ᄒᆞᆫ글 ㄱㄴㄷ ﾡﾢ 각ᆨ",
    "Yorùbá: Ẹ kú àárọ̀; ọ̀sẹ̀ ń lọ. Igbo: Kèdụ. Hausa: ƙasa ɓera ɗaki",
    "Esperanto: eĥoŝanĝo ĉiuĵaŭde. Māori: kōwhai. Hawaiʻi: ʻōlelo",
    "ʇxǝʇ uʍop ǝpısdn ɐ sı sıɥʇ",
    "ꦱꦸꦒꦼꦁ ꦫꦮꦸꦃ꧈ ꦏ꧀ꦏ ᬅᬓ᭄ᬱᬭ ᮞᮥᮔ᮪ᮓ ᯀᯂ᯲",
    "ߒߞߏ ߊ߲߬ ⵜⴰⵎⴰⵣⵉⵖⵜ ꕙꔤ 𞤀𞤣𞤤𞤢𞤥𞥄 𐐔𐐯𐑅𐐨𐑉𐐯𐐻",
    "𒀀𒁀 𓀀𓂀 𐎀𐎁𐎟 𐤀𐤁 𐌀𐌁 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒜𝒷𝒸 𝟘𝟙𝟚 𝅘𝅥𝅮 𝆹𝅥𝅯",
    "https://user:pa_ss@sub.example.co.uk:8080/a%20b/?q=1&r[]=x#frag mailto:first.last+tag@mail.org",
    "def f(x: int) -> str: return f'{x!r:>10}' # TODO\n\tif (a && b || !c) { d[i++] += *p->q; } /* … */",
    "SELECT * FROM `t` WHERE a<>b AND c>=1e-9 OR d LIKE '%x_';",
    "C:\\Program Files\\x86\\foo.exe $HOME/~/.bashrc <div class=\"a\">&nbsp;&#39;</div>",
    "1,234,567.89 0x1F 1e10 ½ ¾ ² ³ ₂ № ™ © ® ℃ Ω Å K ﬁ ﬂ ﬀ ﬃ ſt ß ẞ ŉ ǰ ΐ ΰ և",
    "Ⅷ ⅷ ① ⑳ Ⓐ ⓐ ㈱ ㊙ ㋿ ﷼ ₿ € £ ¥ ¢ ¤ ₹ ₺ ∀x∈ℝ: x²≥0 ≠ ≮ ≯ ∄ ⊄ ∑∫∂ ←↑→↓ ⟨⟩",
    "😀😃👍🏽👩‍👩‍👧‍👦🏳️‍🌈🇩🇪🇫🇷☺️❤️‍🔥1️⃣#️⃣👨🏿‍🦰 text\uFE0E emoji\uFE0F",
    "ＦＵＬＬ　ｗｉｄｔｈ！？ （１２３） ｶﾀｶﾅ ￥ ￡",
    "\u202eright to left\u202c \u200eLRM\u200f \u2066isolate\u2069 zero\u200bwidth\u200djoin\u200cnon \u2060wj \ufeffbom",
    "a\u00adb soft\u00adhyphen non\u2011breaking “quotes” ‘single’ „low“ ‹a› «b» … – — ― ‐ · • ‧ ′ ″",
    "e\u0301 e\u0323\u0302 \u1ec7 \u0065\u0302\u0323 q\u0307\u0323 q\u0323\u0307 \u1e0b\u0323 s\u0323\u0307 \u1e69 Å\u0301 \u212b",
    "Z\u0351\u036b\u0343\u036aa\u0328\u0316\u0317l\u0334g\u0335\u0336o\u0338\u0361 t\u035ce\u0360xt",
    "\u0301leading mark \u0323\u0301 x \u0345\u0300",
    "\x00nul \x01\x02 \x07bell \x08 \x0b vt \x0c ff \x1b[31mred\x1b[0m \x7f del \x80\x81\x9f \x85nel",
    "\ue000private\uf8ff \U000f0000 \U0010fffd non\ufffe \uffff \ufdd0 \U0001fffe \ufffd replacement \ufff9a\ufffab\ufffb",
    "tab\tnew\nline\r\ncr\rspace\u00a0nbsp\u1680ogham\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200ahair"
    "\u2028ls\u2029ps\u202fnnbsp\u205fmmsp\u3000ideo\u180emvs",
    "[MASK]ing [mask] [Mask] x[SEP]y [CLS][MASK] [[MASK]] [ MASK ] [MASK [UNK] [PAD][PAD] [MASK]] [MASK\u200b] [MA\u00adSK] ＭＡＳＫ",
    "a[MASK].[SEP],[CLS]é\u0301[MASK]\u0301 [MASK]\u0323\u302e 北[MASK]京 [ＭＡＳＫ] ##ing # ## [unused1] [UNK]known",
    "Paris is the [MASK] of France.[SEP]",
    "!!!??? ... --- *** ((())) \"\"'' @#$%^&*_+=|\\~` {}[]<>/;:,",
    "I ' m , don ' t . he ' s we ' ve they ' re do not n't 'm 's .",
    "camelCaseWords snake_case_words kebab-case-words SCREAMING_SNAKE x86_64 utf-8 3rd 2nd 1990s",
    "ǅ ǈ ǋ ǲ Ǆ Ǉ Ǌ Ǳ ᾈ ᾳ ῼ Ϗ ϴ Ω K Å ẞ Ⱥ Ⱦ Ɐ Ɑ Ɫ Ꞌ Ɡ Ꭓ Ᏸ ꙁ Ꙁ 𐐀 𐒰 𐲀 𑢠 𖹀 𞤀 Ა Ϳ Ԩ Ⴧ Ⴭ ꟃ",
    "\u0340\u0341\u0343\u0344 a\u0344 \u0374 \u037e \u0387 \u1fbe \u1fef \u2126 \u2329\u232a \ufb1d \ufb1f \ufb2a \ufb4e",
    "\u0f73\u0f75\u0f76\u0f78\u0f81 \u0f40\u0f73\u0f74 \u0958\u093c \u09cb \u0b94 \u0dde \u1b06\u1b44 \U0001109a \U0001112e",
    "\ua66f\u0488\u20dd \u20e3 \u1ab0 \u1dc0 \ufe20\ufe2f \U0001e000 \U0001e8d0 \U0001da00 \U000e0100",
    "\U0001d15e\u0323 \U0001d15f\u0301\u0323 a\U0001d165\U0001d16d\u0334 \U0001d1bb\u0323 a\u302e\u0301\u0323\u302f b\u0301\u302e",
    "ka\ua953 ka\u1b44\u0301\u0334 ka\U000111c0\u0301\u093c \u0928\u0951\u093c\u0952\U0001134d é\u302e\u0323 é\u0323\u302e",
    "𑄮𑄯 𑒻𑒼 𑖺𑖻 𑤸 𐗉 𖵨 \U00011383 \U000105c9 \U000113c5",
]

LINES = SENTENCES + [
    "", " ", "   \t\n ", "\u00ad", "\x00", "\ufeff", "\u3000", "\u0301", "\u0301\u0302\u0303", "[MASK]", "[MASK] [MASK]", " [CLS] ", "a", "A", "é", "北", "😀",
    *("a" * n for n in (99, 100, 101, 200)),
    *("é" * n for n in (99, 100, 101)),
    *("e\u0301" * n for n in (50, 99, 100, 101)),
    *("가" * n for n in (33, 34, 50)),
    *("İ" * n for n in (50, 51, 100, 101)),
    *("😀" * n for n in (99, 100, 101)),
    "ab" * 50, "ab" * 50 + "c", "un" * 50 + "!" + "un" * 50, "x" * 100 + "\u0301" * 30, "x" * 100 + "\u00ad" + "y",
    "北" * 101, "." * 101, "\u0301" * 300, "a" + "\u0301" * 300 + "b", "a" + "\u0323\u0301\u302e" * 60 + "b", "a" + "\ua953\u0301\u0334" * 60,
    "a\u0301" * 150 + " end", "word " * 120, "北京 " * 60, "[MASK]" * 60, "mixed 北京 é [MASK] 😀 " * 25,
]  # fmt: skip

_RANGES = [
    (0x20, 0x7E), (0x20, 0x7E), (0x00, 0x1F), (0x7F, 0xFF), (0x100, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F),
    (0x530, 0x5FF), (0x600, 0x6FF), (0x700, 0x8FF), (0x900, 0xDFF), (0xE00, 0xFFF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF),
    (0x1200, 0x18AF), (0x1900, 0x1CFF), (0x1D00, 0x1DFF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x20FF), (0x2100, 0x2BFF),
    (0x2C00, 0x2DFF), (0x2E00, 0x2E7F), (0x3000, 0x30FF), (0x3100, 0x33FF), (0x3400, 0x4DFF), (0x4E00, 0x9FFF), (0xA000, 0xABFF),
    (0xAC00, 0xD7FF), (0xE000, 0xF8FF), (0xF900, 0xFAFF), (0xFB00, 0xFDFF), (0xFE00, 0xFEFF), (0xFF00, 0xFFFF), (0x10000, 0x10FFF),
    (0x11000, 0x11FFF), (0x12000, 0x1CFFF), (0x1D000, 0x1D2FF), (0x1D400, 0x1E0FF), (0x1E100, 0x1EFFF), (0x1F000, 0x1FAFF),
    (0x20000, 0x2FFFF), (0x2F800, 0x2FA1F), (0x30000, 0xDFFFF), (0xE0000, 0xE01FF), (0xF0000, 0x10FFFF), (0, 0x10FFFF),
]  # fmt: skip
_MARKS = [*range(0x300, 0x370), *range(0x323, 0x334), 0x334, 0x345, 0x35C, 0x360, 0x93C, 0x94D, 0x5B0, 0x5B4, 0x5BC, 0x64B, 0x651, 0x670, 0x711,
          0xE38, 0xE48, 0xF71, 0xF72, 0xF73, 0xF74, 0x302A, 0x302E, 0x302F, 0x3099, 0x1B44, 0x1BAA, 0xA953, 0xA9C0, 0x8D4, 0x8E1, 0x1DFB,
          0x111C0, 0x1134D, 0x1D165, 0x1D166, 0x1D16D, 0x1D172, 0x1E000, 0x1E02A, 0x1E944, 0x1E94A, 0x344, 0x1E8D0, 0x16AF0, 0x20DD]  # fmt: skip
_BASES = "aeoAEOnqzéÉåÅệḋṩ가각ᄀİıσΣکनক𝅗𝅗𝅥𝅘𝅥𝅮𝆺𝅥 .[≮1北"
_BITS = ["[MASK]", "[SEP]", "[CLS]", "[PAD]", "[UNK]", "[mask]", "[MASK", "MASK]", "[", "]", "##", "<s>", "</s>", "<pad>", "<pad>ed", "<mask>", "<unk>", "<", "don't", "'s", "\r\n",
         "\u200d", "\ufe0f", "\u00ad", "\u3000", "\ufeff", "\ufffd", "\u0130", "\u00df", "\ufb03", "\u0345", "ΑΣ", "\u1e9e", "Berlin", "Straße", "the", "ing", "un", "able"]  # fmt: skip


def scalar(code):
    """A character, never a surrogate: the reference refuses those."""
    return chr(code) if not 0xD800 <= code <= 0xDFFF else chr(code - 0xD000)


def _characters(rng, count):
    low, high = rng.choice(_RANGES)
    return "".join(scalar(rng.randint(low, high)) for _ in range(count))


def _any_characters(rng, count):
    return "".join(_characters(rng, 1) for _ in range(count))


def _marked(rng, count):
    pick = lambda: scalar(rng.choice(_MARKS)) if rng.random() < 0.9 else _characters(rng, 1)
    return "".join(rng.choice(_BASES) + "".join(pick() for _ in range(rng.choice([0, 1, 2, 3, 8]))) for _ in range(count))


def _sentence(rng, count):
    words = rng.choice(SENTENCES).split(" ")
    at = rng.randrange(len(words))
    return " ".join(words[at : at + count])


def _long_word(rng, count):
    unit = rng.choice(["a", "ab", "x", "é", "e\u0301", "가", "İ", "😀", "un", "1", "ß"])
    return unit * (rng.choice([20, 49, 50, 98, 99, 100, 101, 102]) // rng.choice([1, 1, 2]))


def _bits(rng, count):
    return "".join(rng.choice(_BITS) for _ in range(count))


def _english(rng, count):
    words = "the of and to in is was for on that by this with it be as are from have not what playing unbelievable tokenization Embeddings QUERY x1 2024".split()
    return " ".join(rng.choice(words) for _ in range(count)) + rng.choice(["", ".", "!", " ", "?!"])


_KINDS = [_characters, _any_characters, _marked, _marked, _sentence, _sentence, _bits, _english, _english]


def random_text(rng: random.Random) -> str:
    """One random text of 0 to about 300 characters, made of pieces of several kinds."""
    pieces = []
    for _ in range(rng.choice([1, 1, 2, 3, 5, 8])):
        kind = rng.choice(_KINDS) if rng.random() < 0.97 else _long_word
        pieces.append(kind(rng, rng.randint(0, 12)))
        pieces.append(rng.choice(["", "", " ", "  ", "\u00ad", "\t", "[MASK]"]))
    return "".join(pieces)
