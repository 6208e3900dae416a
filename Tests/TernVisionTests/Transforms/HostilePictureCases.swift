import TernData
import TernTensor
import TernTestSupport
import TernVision

/// Images and transforms of hostile settings.
let hostilePicturesTable = makeTable()

/// A small image.
private func picture(_ n: inout HostileNumbers) -> Image {
  Image(
    Tensor<UInt8>(ones: [n.flag() ? 1 : 3, 1 + n.below(4), 1 + n.below(4)]))
}

/// A range of hostile ends.
private func range(_ n: inout HostileNumbers) -> ClosedRange<Double> {
  let (a, b) = (n.real(), n.real())
  return a <= b ? a...b : b <= a ? b...a : 0...1
}

private func use(_ transform: some ImageTransform, _ n: inout HostileNumbers) { _ = transform(picture(&n)) }

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  let filters: [ResizeFilter] = [.nearest, .bilinear, .bicubic]
  table.add("Image of a tensor") { n in
    _ = n.flag() ? Image(n.tensor(UInt8.self)) : Image(n.floats(), bitDepth: n.any())
  }
  table.add("Image of bytes") { n in
    _ = Image(
      height: n.any(), width: n.any(), format: n.one(of: [.gray, .rgb]),
      bytes: [UInt8](repeating: 1, count: n.below(13)))
  }
  table.add("resized") { n in
    let region = n.flag() ? nil : ImageRegion(top: n.any(), left: n.any(), height: n.any(), width: n.any())
    _ = picture(&n).resized(height: n.any(), width: n.any(), filter: n.one(of: filters), region: region)
  }
  table.add("padded") { n in
    _ = picture(&n).padded(top: n.any(), bottom: n.any(), left: n.any(), right: n.any(), fill: n.real())
  }
  table.add("centerCropped") { n in _ = picture(&n).centerCropped(height: n.any(), width: n.any(), fill: n.real()) }
  table.add("rotated") { n in _ = picture(&n).rotated(degrees: n.real(), filter: n.one(of: filters), fill: n.real()) }
  table.add("transformed") { n in
    let map =
      n.flag()
      ? AffineMap((0..<(n.flag() ? 6 : n.below(9))).map { _ in n.real() })
      : AffineMap(
        degrees: n.real(), shift: (n.real(), n.real()), scale: n.real(), shear: (n.real(), n.real()),
        center: (n.real(), 0))
    _ = picture(&n).transformed(by: map, filter: n.one(of: filters), fill: n.real())
  }
  table.add("blurred") { n in _ = picture(&n).blurred(size: n.any(), deviation: n.real()) }
  table.add("adjusted") { n in
    let image = picture(&n)
    switch n.below(5) {
    case 0: _ = image.adjustedBrightness(by: n.real())
    case 1: _ = image.adjustedContrast(by: n.real())
    case 2: _ = image.adjustedSaturation(by: n.real())
    case 3: _ = image.adjustedSharpness(by: n.real())
    default: _ = image.adjustedHue(by: n.real())
    }
  }
  table.add("turned") { n in _ = picture(&n).turned(quarters: n.any()) }
  table.add("posterized") { n in
    _ = n.flag() ? picture(&n).posterized(bits: n.any()) : picture(&n).solarized(threshold: n.real())
  }
  table.add("converted") { n in _ = picture(&n).converted(toBitDepth: n.any()) }
  table.add("erased") { n in
    _ = picture(&n).erased(ImageRegion(top: n.any(), left: n.any(), height: n.any(), width: n.any()), fill: n.real())
  }
  table.add("jpeg") { n in _ = picture(&n).jpeg(quality: n.any(), subsampled: n.flag()) }
  table.add("RandAugment") { n in
    use(RandAugment(count: n.any(), magnitude: n.any(), bins: n.any(), fill: n.real()), &n)
  }
  table.add("TrivialAugment") { n in use(TrivialAugment(bins: n.any(), fill: n.real()), &n) }
  table.add("ColorJitter") { n in
    use(ColorJitter(brightness: n.real(), contrast: n.real(), saturation: n.real(), hue: n.real()), &n)
  }
  table.add("GaussianBlur") { n in use(GaussianBlur(size: n.any(), deviation: range(&n)), &n) }
  table.add("RandomErasing") { n in use(RandomErasing(n.real(), scale: range(&n), ratio: range(&n), fill: n.real()), &n)
  }
  table.add("flips") { n in
    switch n.below(3) {
    case 0: use(RandomHorizontalFlip(n.real()), &n)
    case 1: use(RandomVerticalFlip(n.real()), &n)
    default: use(RandomGrayscale(n.real()), &n)
    }
  }
  table.add("RandomAffine") { n in
    use(
      RandomAffine(degrees: range(&n), shift: (n.real(), n.real()), scale: range(&n), shear: (range(&n), range(&n))), &n
    )
  }
  table.add("RandomRotation") { n in use(RandomRotation(range(&n), fill: n.real()), &n) }
  table.add("Resize") { n in
    if n.flag() { use(Resize(height: n.any(), width: n.any()), &n) } else { use(ResizeShorterSide(n.any()), &n) }
  }
  table.add("crops") { n in
    switch n.below(3) {
    case 0: use(CenterCrop(height: n.any(), width: n.any()), &n)
    case 1: use(RandomCrop(height: n.any(), width: n.any(), padding: n.any(), fill: n.real()), &n)
    default: use(RandomResizedCrop(height: n.any(), width: n.any(), scale: range(&n), ratio: range(&n)), &n)
    }
  }
  table.add("MixUp") { n in
    let batch = LabeledBatch(inputs: n.floats(), labels: n.integers())
    _ = n.flag() ? MixUp(classes: n.any(), alpha: n.real())(batch) : CutMix(classes: n.any(), alpha: n.real())(batch)
  }
  return table
}
