"""Writes a Unigram tokenizer, and the tokens of lines by it and by others of its vocabulary: python3 make_unigram.py (with
tokenizers, sentencepiece and protobuf)."""

import json
import os
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from make_text import dump, lines, rows, training_texts

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def character_map(training):
    """A map of a few characters: capitals, a ligature, marks that are left out, sequences of two and three scalars."""
    rules = [("A", "a"), ("T", "t"), ("Ü", "ue"), ("ﬁ", "fi"), ("½", "1/2"), ("\u200d", ""), ("e\u0301", "E"), ("ガ", "ga"),
        ("\u3000", " "), ("\t", " "), ("\r", " "), ("\n", " "), ("😀", ":-)"), ("हि", "h")]
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/rules.tsv", "w", encoding="utf-8") as f:
            for old, new in rules:
                f.write(" ".join("%X" % ord(x) for x in old) + "\t" + " ".join("%X" % ord(x) for x in new) + "\n")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(training), model_prefix=folder + "/m", vocab_size=400, model_type="unigram",
            hard_vocab_limit=False, minloglevel=2, normalization_rule_tsv=folder + "/rules.tsv")
        model = sentencepiece_model_pb2.ModelProto()
        with open(folder + "/m.model", "rb") as f:
            model.ParseFromString(f.read())
        return model.normalizer_spec.precompiled_charsmap


if __name__ == "__main__":
    texts, training = lines(300), training_texts()
    bytes_ = ["<0x%02X>" % i for i in range(256)]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    tokenizer.train_from_iterator(
        training[::2],
        trainers.UnigramTrainer(
            vocab_size=700, special_tokens=["<s>", "<pad>", "</s>", "<unk>"] + bytes_, unk_token="<unk>",
            show_progress=False))
    value = json.loads(tokenizer.to_str())
    value["added_tokens"] = [x for x in value["added_tokens"] if not x["content"].startswith("<0x")]
    tokenizer = Tokenizer.from_str(json.dumps(value))
    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokenizer.save("unigram.json", pretty=False)
    result = {"texts": texts[::2], "unigram": rows(tokenizer, texts[::2])}
    result["decoded"] = [tokenizer.decode(ids) for ids, _ in result["unigram"]]

    # Each is the first one with other parts, which are written beside what comes of them.
    def variant(name, normalizer, words, decoder, fallback):
        value = json.loads(tokenizer.to_str())
        value["model"]["byte_fallback"] = fallback
        other = Tokenizer.from_str(json.dumps(value))
        other.normalizer = normalizer
        if words:
            other.pre_tokenizer = words
        other.decoder = decoder
        whole = json.loads(other.to_str())
        if not words:
            whole["pre_tokenizer"] = None
            other = Tokenizer.from_str(json.dumps(whole))
        parts = {key: whole[key] for key in ["normalizer", "pre_tokenizer", "decoder"]}
        found = rows(other, texts[1::2])
        result[name] = {
            "parts": parts, "fallback": fallback, "rows": found, "decoded": [other.decode(ids) for ids, _ in found]}

    n, p, d = normalizers, pre_tokenizers, decoders
    result["others"] = texts[1::2]
    folded = [n.Replace("``", '"'), n.NFKD(), n.StripAccents(), n.Lowercase(), n.Replace(Regex(" {2,}"), " ")]
    variant("mapped", n.Precompiled(character_map(training)), p.Metaspace(), d.Metaspace(), False)
    variant(
        "folded", n.Sequence(folded), p.Sequence([p.WhitespaceSplit(), p.Metaspace()]), d.Metaspace(), False)
    variant(
        "whole", n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")]), None,
        d.Sequence([d.Replace("▁", " "), d.ByteFallback(), d.Fuse(), d.Strip(" ", 1, 0)]), True)
    variant(
        "cleaned", n.Sequence([n.Nmt(), n.NFC(), n.Strip(), n.Replace(Regex("\\s+"), " ")]),
        p.Metaspace(prepend_scheme="never", split=False), d.Metaspace(prepend_scheme="never"), True)
    dump(result, "unigram_text.json")
