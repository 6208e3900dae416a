"""Writes the tokenizers, lines and their tokens: python3 make_text.py (with tokenizers)."""

import json
import os
import random

from tokenizers import Tokenizer, models, pre_tokenizers, processors, decoders, trainers, normalizers

os.chdir(os.path.dirname(os.path.abspath(__file__)))
random.seed(7)

sources = [
    "The quick brown fox jumps over the lazy dog. It isn't what they've said, we'll see; I'm sure you're right, he'd go.",
    "Übergrößenträger läßt Äpfel fürs Café: naïve façade, cafe\u0301, A\u030angstro\u0308m, ﬁne ligatures, Straße İstanbul",
    "Быстрая коричневая лиса прыгает через ленивую собаку. Ёлка, йод, украї́на",
    "γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί ΣΊΣΥΦΟΣ",
    "敏捷的棕色狐狸跳过了懒狗。日本語のテキスト、カタカナとひらがな。한국어 문장도 있습니다 각",
    "मैं हिन्दी में लिखता हूँ। ภาษาไทยไม่มีช่องว่าง العربية من اليمين إلى اليسار עִבְרִית",
    "😀 👍🏽 👩‍👩‍👧‍👦 🇩🇪 ❤️ ☕ 𝒳𝓎 𐍈 𠜎 ½ ² Ⅷ ١٢٣ १२३ 12345 3.14e-10 0x1F",
    "def f(x):\n    return x ** 2  # square\n\n\tif a<b && c>d: print(\"{}\".format('x'))\r\n",
    "\u0000\u0001\u001f\u007f\u0085\u00a0\u1680\u2003\u2028\u202f\u3000\ufeff\u200b\u200d\ufffd\u00ad\u061c tabs\t\tand   spaces    ",
    "'s 't 're 've 'm 'll 'd 'S 'RE ' 'x ''s '' it's  's\u2019s don't_stop __init__ #hash @at $5 €6 <mask> [SEP] <|endoftext|>",
]


def lines(count):
    result = ["", " ", "  ", "\n", " a", "a ", "'", "é", "e\u0301", "😀", "<|endoftext|>", "a<|endoftext|> b", "[MASK] [UNK]"] + sources
    while len(result) < count:
        parts = []
        for _ in range(random.randint(1, 3)):
            source = random.choice(sources)
            start = random.randrange(len(source))
            parts.append(source[start : start + random.randint(1, 24)])
        result.append(random.choice(["", " ", "\n", "  "]).join(parts))
    return result


def training_texts():
    return [" ".join(random.sample(source.split(" "), len(source.split(" ")))) for source in sources for _ in range(8)]


def dump(value, name):
    with open(name, "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, separators=(",", ":"))


def rows(tokenizer, texts):
    return [[e.ids, [x for pair in e.offsets for x in pair]] for e in (tokenizer.encode(x) for x in texts)]


if __name__ == "__main__":
    texts, training = lines(300), training_texts()
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.post_processor = processors.ByteLevel(trim_offsets=False)
    bpe.decoder = decoders.ByteLevel()
    bpe.train_from_iterator(
        training,
        trainers.BpeTrainer(
            vocab_size=1257, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False))
    bpe.save("bpe.json", pretty=False)
    result = {"texts": texts, "training": training, "bpe": rows(bpe, texts)}
    # As RoBERTa's: a space before, tokens around, offsets without spaces.
    bpe.add_special_tokens(["<s>", "</s>"])
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    bpe.post_processor = processors.RobertaProcessing(("</s>", bpe.token_to_id("</s>")), ("<s>", bpe.token_to_id("<s>")))
    result["roberta"] = rows(bpe, texts)

    word_piece = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    word_piece.normalizer = normalizers.BertNormalizer()
    word_piece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    word_piece.decoder = decoders.WordPiece()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    word_piece.train_from_iterator(
        training[::2], trainers.WordPieceTrainer(vocab_size=500, special_tokens=specials, show_progress=False))
    cls, sep = word_piece.token_to_id("[CLS]"), word_piece.token_to_id("[SEP]")
    word_piece.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    word_piece.save("wordpiece.json", pretty=False)
    result["wordpiece"] = rows(word_piece, texts)
    result["wordpieceDecoded"] = [word_piece.decode(ids) for ids, _ in result["wordpiece"]]
    word_piece.normalizer = normalizers.BertNormalizer(lowercase=False, handle_chinese_chars=False, clean_text=False)
    result["wordpieceCased"] = rows(word_piece, texts)
    dump(result, "text.json")
