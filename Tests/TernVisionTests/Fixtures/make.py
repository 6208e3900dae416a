"""Makes the pictures of this folder, and what Pillow and torchvision make of them: pixels.npz and transforms.npz.

    python make.py      (with numpy, Pillow 13.0.0 and torchvision 0.28.0)
"""

import io
import math
import os
import struct
import zlib

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps

try:
    from torchvision.transforms import functional as F
    from torchvision.transforms import InterpolationMode, autoaugment
except RuntimeError as error:  # A torchvision of another build has no compiled operators, of which none is used here.
    raise SystemExit(f"torchvision does not load: {error}")

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(7)


def photo(height, width):
    """Smooth colors with edges and noise."""
    y, x = np.mgrid[0:height, 0:width]
    red = 128 + 100 * np.sin(x / 9) * np.cos(y / 13)
    green = 255 * x / width
    blue = 200 * ((x // 11 + y // 7) % 2) + 20
    image = np.stack([red, green, blue], -1) + rng.normal(0, 6, (height, width, 3))
    image[height // 4 : height // 2, width // 3 : width // 2] = [250, 30, 60]
    return np.clip(image.round(), 0, 255).astype(np.uint8)


def path(name):
    return os.path.join(HERE, name)


def adam7(rows):
    """The seven passes of an interlaced picture."""
    for y0, x0, dy, dx in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]:
        part = rows[y0::dy, x0::dx]
        if part.size:
            yield part


def packed(row, depth):
    if depth == 16:
        return row.astype(">u2").tobytes()
    if depth == 8:
        return row.astype(np.uint8).tobytes()
    bits = np.unpackbits(row.astype(np.uint8).reshape(-1, 1), axis=1)[:, 8 - depth :].reshape(-1)
    return np.packbits(bits).tobytes()


def png(name, values, depth, color, interlaced=False, chunks=()):
    """Writes values [H, W, C] as they are."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = values.shape[:2]
    passes = list(adam7(values)) if interlaced else [values]
    raw = b"".join(b"\0" + packed(row.reshape(-1), depth) for part in passes for row in part)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced))
    for kind, content in chunks:
        data += chunk(kind, content)
    data += chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
    with open(path(name), "wb") as file:
        file.write(data)


pixels = {}


def expect(name, mode=None):
    """What Pillow reads, upright."""
    image = ImageOps.exif_transpose(Image.open(path(name)))
    if mode:
        image = image.convert(mode)
    array = np.asarray(image)
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    pixels[name] = array if array.ndim == 3 else array[:, :, None]


small = photo(19, 29)
gray = (small.astype(int).sum(-1) // 3).astype(np.uint8)[:, :, None]
alpha = np.clip(rng.normal(128, 90, (19, 29, 1)), 0, 255).astype(np.uint8)

# JPEG
image = Image.fromarray(photo(45, 67))
image.save(path("color.jpg"), quality=88)
image.save(path("full.jpg"), quality=90, subsampling=0)
image.save(path("half.jpg"), quality=85, subsampling=1)
image.save(path("progressive.jpg"), quality=80, progressive=True)
image.convert("L").save(path("gray.jpg"), quality=85)
image.convert("CMYK").save(path("cmyk.jpg"), quality=90)
for name in ["color", "full", "half", "progressive", "gray"]:
    expect(name + ".jpg")
expect("cmyk.jpg", "RGB")
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif[0x0112] = orientation
    name = f"turned{orientation}.jpg"
    Image.fromarray(small).save(path(name), quality=90, subsampling=0, exif=exif)
    expect(name)

# PNG
for depth in [1, 2, 4, 8]:
    png(f"gray{depth}.png", gray >> (8 - depth), depth, 0)
    expect(f"gray{depth}.png")
wide = rng.integers(0, 65536, (19, 29, 4))
png("gray16.png", wide[:, :, :1], 16, 0)
pixels["gray16.png"] = np.asarray(Image.open(path("gray16.png"))).astype(np.int32)[:, :, None]
png("rgb.png", small, 8, 2)
png("rgba.png", np.concatenate([small, alpha], -1), 8, 6)
png("grayalpha.png", np.concatenate([gray, alpha], -1), 8, 4)
png("interlaced.png", small, 8, 2, interlaced=True)
png("interlaced1.png", gray >> 7, 1, 0, interlaced=True)
for name in ["rgb", "rgba", "grayalpha", "interlaced", "interlaced1"]:
    expect(name + ".png")
png("rgb16.png", wide[:, :, :3], 16, 2)
png("rgba16.png", wide, 16, 6, interlaced=True)
for name, channels in [("rgb16.png", 3), ("rgba16.png", 4)]:
    # Pillow keeps the upper bytes of these.
    assert (np.asarray(Image.open(path(name))) == wide[:, :, :channels] >> 8).all()
    pixels[name] = wide[:, :, :channels].astype(np.int32)
palette = rng.integers(0, 256, (16, 3)).astype(np.uint8)
index = rng.integers(0, 16, (19, 29, 1))
png("palette.png", index, 4, 3, chunks=[(b"PLTE", palette.tobytes())])
expect("palette.png", "RGB")
png("palettealpha.png", index, 8, 3, chunks=[(b"PLTE", palette.tobytes()), (b"tRNS", bytes(range(0, 250, 25)))])
expect("palettealpha.png", "RGBA")
png("transparent.png", small // 64 * 64, 8, 2, chunks=[(b"tRNS", struct.pack(">HHH", *map(int, small[3, 3] // 64 * 64)))])
expect("transparent.png", "RGBA")
png("turned.png", small, 8, 2, chunks=[(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0")])
expect("turned.png")
np.savez_compressed(path("pixels.npz"), **pixels)

# Transforms: of `source`, `source_rgba` and `source_gray`.
base = photo(31, 41)
opacity = np.clip(rng.normal(128, 90, (31, 41, 1)), 0, 255).astype(np.uint8)
sources = {
    "rgb": Image.fromarray(base),
    "rgba": Image.fromarray(np.concatenate([base, opacity], -1)),
    "gray": Image.fromarray(base).convert("L"),
}
made = {f"source/{name}": np.asarray(image) for name, image in sources.items()}
filters = {
    "nearest": Image.NEAREST, "area": Image.BOX, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC,
    "lanczos": Image.LANCZOS,
}
for kind, image in sources.items():
    for name, filter in filters.items():
        for height, width in [(15, 22), (70, 60), (31, 13), (9, 41), (4, 100)]:
            if kind == "rgb" or (height, width) == (15, 22):
                made[f"resize/{kind}/{name}/{height}/{width}"] = np.asarray(image.resize((width, height), filter))
rgb = sources["rgb"]
for height, width in [(14, 20), (15, 20), (40, 30), (31, 70)]:
    made[f"center/{height}/{width}"] = np.asarray(F.center_crop(rgb, [height, width]))
modes = {"nearest": InterpolationMode.NEAREST, "bilinear": InterpolationMode.BILINEAR}
for name, mode in modes.items():
    for angle in [0, 17, -40.5, 90, 180, 301]:
        made[f"rotate/{name}/{angle}"] = np.asarray(F.rotate(rgb, angle, mode))
    for angle, x, y, scale, sx, sy in [(20, 3, -5, 1.2, 0, 0), (-70, 0, 0, 0.7, 15, -8), (0, 0, 0, 1, 25, 0)]:
        key = f"affine/{name}/{angle}/{x}/{y}/{scale}/{sx}/{sy}"
        made[key] = np.asarray(F.affine(rgb, angle, [x, y], scale, [sx, sy], mode))
for factor in [0.0, 0.4, 1.0, 1.7, 3.0]:
    for name in ["brightness", "contrast", "saturation", "sharpness"]:
        made[f"{name}/{factor}"] = np.asarray(getattr(F, "adjust_" + name)(rgb, factor))
for factor in [-0.5, -0.1, 0.0, 0.03, 0.25, 0.5]:
    made[f"hue/{factor}"] = np.asarray(F.adjust_hue(rgb, factor))
made["grayscale"] = np.asarray(F.to_grayscale(rgb, 3))
made["invert"] = np.asarray(F.invert(rgb))
for bits in [1, 3, 6, 8]:
    made[f"posterize/{bits}"] = np.asarray(F.posterize(rgb, bits))
for threshold in [0, 64, 128, 255]:
    made[f"solarize/{threshold}"] = np.asarray(F.solarize(rgb, threshold))
dim = Image.fromarray(np.clip(base // 2 + 40, 0, 255).astype(np.uint8))
made["source/dim"] = np.asarray(dim)
made["autocontrast"] = np.asarray(F.autocontrast(dim))
made["equalize"] = np.asarray(F.equalize(dim))
tensor = torch.from_numpy(base).permute(2, 0, 1)
for size, deviation in [(3, 0.5), (5, 1.3), (23, 4.0)]:
    made[f"blur/{size}/{deviation}"] = F.gaussian_blur(tensor, [size, size], [deviation, deviation]).permute(1, 2, 0).numpy()
space = autoaugment.RandAugment()._augmentation_space(31, (31, 41))
for bin in [9, 30]:
    for name, (magnitudes, signed) in space.items():
        magnitude = float(magnitudes[bin]) if magnitudes.ndim else 0.0
        for sign in [1, -1] if signed else [1]:
            if name == "Identity":
                continue
            done = autoaugment._apply_op(rgb, name, sign * magnitude, InterpolationMode.NEAREST, None)
            made[f"randaugment/{name}/{bin}/{sign}"] = np.asarray(done)
wide_space = autoaugment.TrivialAugmentWide()._augmentation_space(31)
for bin in [4, 30]:
    for name, (magnitudes, signed) in wide_space.items():
        magnitude = float(magnitudes[bin]) if magnitudes.ndim else 0.0
        if name == "Identity":
            continue
        done = autoaugment._apply_op(rgb, name, magnitude, InterpolationMode.NEAREST, None)
        made[f"trivialaugment/{name}/{bin}/1"] = np.asarray(done)
for denominator, size in [(2, (33, 22)), (4, (16, 11)), (8, (8, 5))]:
    small = Image.open(path("color.jpg"))
    small.draft("RGB", size)
    made[f"draft/{denominator}"] = np.asarray(small)
np.savez_compressed(path("transforms.npz"), **{key: np.ascontiguousarray(value) for key, value in made.items()})
