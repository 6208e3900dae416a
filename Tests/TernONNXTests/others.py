"""Networks that others made, through `tern import`, beside onnxruntime.

    python others.py TERN [FOLDER]

Needs PyPI's onnxruntime, numpy and Pillow, and the packages rapidocr-onnxruntime (three files of PP-OCR) and silero-vad
(speech) themselves, installed or their wheels unpacked below FOLDER. Every output of three inputs of different sizes is
onnxruntime's to 1e-4 of the largest.
"""

import glob
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime
from PIL import Image, ImageDraw, ImageFont

NUMBERS = np.random.default_rng(0)


def page(batch, height, width):
    """Lines of text, as PP-OCR takes them: values from −1 to 1."""
    pages = []
    for number in range(batch):
        image = Image.new("RGB", (width, height), "white")
        draw = ImageDraw.Draw(image)
        size = min(height - 8, 28)
        for top in range(4, height - size + 1, 2 * size):
            draw.text((6, top), f"Tern {number} reads {top} lines", fill="black", font=ImageFont.load_default(size))
        pages.append(np.asarray(image, np.float32).transpose(2, 0, 1) / 127.5 - 1)
    return np.stack(pages)


def speech(*shape):
    """A voice of sorts: harmonics that come and go, and noise."""
    count = int(np.prod(shape))
    time = np.arange(count) / 16000
    voice = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 12)) * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time))
    return (0.2 * voice + 0.01 * NUMBERS.normal(size=count)).astype(np.float32).reshape(shape)


def state(*shape):
    return (0.1 * NUMBERS.normal(size=shape)).astype(np.float32)


RATE = np.array(16000, np.int64)
CASES = {
    "ch_PP-OCRv4_det_infer.onnx": [{"x": page(*size)} for size in [(1, 64, 96), (1, 160, 320), (2, 320, 256)]],
    "ch_PP-OCRv4_rec_infer.onnx": [{"x": page(*size)} for size in [(1, 48, 64), (2, 48, 160), (3, 48, 320)]],
    "ch_ppocr_mobile_v2.0_cls_infer.onnx": [{"x": page(batch, 48, 192)} for batch in [1, 2, 5]],
    "silero_vad_16k_sequence.onnx": [
        {"input": speech(count, 576), "h": state(1, 1, 128), "c": state(1, 1, 128)} for count in [1, 7, 40]],
    "silero_vad.onnx": [
        {"input": speech(batch, 576), "state": state(2, batch, 128), "sr": RATE} for batch in [1, 2, 5]],
    "silero_vad_16k_op15.onnx": [
        {"input": speech(batch, 576), "state": state(2, batch, 128), "sr": RATE} for batch in [1, 2, 5]],
    "silero_vad_op18_ifless.onnx": [
        {"input": speech(batch, 576), "state": state(2, batch, 128), "sr": RATE} for batch in [1, 2, 5]],
    "silero_vad_half.onnx": [{"input": speech(batch, 576), "state": state(2, batch, 128)} for batch in [1, 2, 5]],
}


def found(name, folders):
    for folder in folders:
        for path in glob.glob(f"{folder}/**/{name}", recursive=True):
            return path


def check(tern, path, feeds, folder):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    wanted = session.run(None, feeds)
    np.savez(f"{folder}/x.npz", **feeds)
    subprocess.run(
        [tern, "import", path, "--check", f"{folder}/x.npz", "--output", f"{folder}/y.npz"], check=True,
        stdout=subprocess.DEVNULL)
    worst = 0.0
    with np.load(f"{folder}/y.npz") as results:
        for output, y in zip(session.get_outputs(), wanted):
            assert results[output.name].shape == y.shape, (path, output.name, results[output.name].shape, y.shape)
            worst = max(worst, float(np.abs(results[output.name] - y).max() / np.abs(y).max()))
    return worst


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    bad = 0
    for name, inputs in CASES.items():
        path = found(name, sys.argv[2:3] or sys.path)
        if path is None:
            print(f"{name}: not found")
            bad += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            errors = [check(sys.argv[1], path, feeds, folder) for feeds in inputs]
        bad += max(errors) > 1e-4
        print(f"{name:36} " + ", ".join(f"{e:.1e}" for e in errors) + ("" if max(errors) <= 1e-4 else "  WRONG"))
    sys.exit(bad > 0)
