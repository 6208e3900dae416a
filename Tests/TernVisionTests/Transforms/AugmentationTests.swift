import TernData
import TernTensor
import TernTestSupport
import Testing

@testable import TernVision

@Suite("Augmentation")
struct AugmentationTests {
  private let image = Image(
    height: 30, width: 40, format: .rgb, bytes: (0..<3600).map { UInt8(($0 * $0 / 7 + $0) % 256) })

  private func draws(_ count: Int, _ body: () -> Void) {
    Random.with(RandomGenerator(seed: 17)) { for _ in 0..<count { body() } }
  }

  @Test("Crops have the areas and proportions they are asked for, everywhere in the picture")
  func resizedCrops() {
    let transform = RandomResizedCrop(height: 10, width: 10, scale: 0.2...0.5)
    var (tops, lefts) = (Set<Int>(), Set<Int>())
    var areas: [Double] = []
    draws(400) {
      let region = transform.region(of: image)
      let area = Double(region.height * region.width) / 1200
      let ratio = Double(region.width) / Double(region.height)
      #expect(area > 0.17 && area < 0.54 && ratio > 0.68 && ratio < 1.5)
      tops.insert(region.top)
      lefts.insert(region.left)
      areas.append(area)
    }
    #expect(tops.count > 12 && lefts.count > 15)
    let mean = areas.reduce(0, +) / 400
    #expect(abs(mean - 0.35) < 0.02, "\(mean)")
    // Where no attempt fits, the largest in the middle.
    let narrow = image.resized(height: 30, width: 2)
    let region = RandomResizedCrop(height: 4, width: 4, scale: 0.9...1).region(of: narrow)
    #expect(region == ImageRegion(top: 13, left: 0, height: 3, width: 2))
  }

  @Test("Flips, gray and erasing come as often as asked for")
  func probabilities() {
    let transforms: [(any ImageTransform, Double)] = [
      (RandomHorizontalFlip(0.3), 0.3), (RandomVerticalFlip(), 0.5), (RandomGrayscale(0.1), 0.1),
      (RandomErasing(0.6, fill: 1), 0.6), (RandomErasing(0.6, fill: nil), 0.6), (RandomHorizontalFlip(0), 0),
      (RandomVerticalFlip(1), 1),
    ]
    for (transform, probability) in transforms {
      var changed = 0
      draws(300) { if transform(image) != image { changed += 1 } }
      let fraction = Double(changed) / 300
      #expect(abs(fraction - probability) < 0.09, "\(transform): \(fraction)")
      if probability == 0 || probability == 1 { #expect(fraction == probability) }
    }
    #expect(image.flippedHorizontally.flippedHorizontally == image)
    #expect(image.turned(quarters: 1).turned(quarters: -1) == image)
    #expect(image.flippedVertically[0, 3, 1] == image[29, 3, 1])
  }

  @Test("A random crop keeps the size, pads what is small, and reaches every place")
  func crops() {
    var seen = Set<[UInt8]>()
    draws(200) {
      let crop = RandomCrop(height: 28, width: 38)(image)
      #expect(crop.height == 28 && crop.width == 38)
      seen.insert(crop.bytes)
    }
    #expect(seen.count == 9)
    draws(20) {
      let padded = RandomCrop(height: 30, width: 40, padding: 4)(image)
      #expect(padded.height == 30 && padded.width == 40)
      let larger = RandomCrop(height: 33, width: 20)(image)
      #expect(larger.height == 33 && larger.width == 20)
    }
  }

  @Test("Random colors, moves and blurs stay in their ranges and differ")
  func ranges() {
    let transforms: [any ImageTransform] = [
      ColorJitter(brightness: 0.5, contrast: 0.5, saturation: 0.5, hue: 0.2), GaussianBlur(size: 5),
      RandomRotation(-30...30),
      RandomAffine(degrees: -10...10, shift: (0.1, 0.2), scale: 0.8...1.2, shear: (-5...5, 0...0)),
      TrivialAugment(), RandAugment(count: 3, magnitude: 20),
    ]
    for transform in transforms {
      for picture in [image, image.converted(to: .rgba), image.converted(to: .gray), image.converted(toBitDepth: 16)] {
        var seen = Set<Image>()
        draws(12) {
          let made = transform(picture)
          #expect(
            made.height == 30 && made.width == 40 && made.format == picture.format && made.bitDepth == picture.bitDepth)
          seen.insert(made)
        }
        #expect(seen.count > 5, "\(transform)")
      }
    }
  }

  @Test("MixUp and CutMix mix inputs and labels by the same fraction, as torchvision's formulas say")
  func mixing() throws {
    let inputs = Tensor<Double>(randomUniform: [4, 2, 6, 8], generator: RandomGenerator(seed: 3))
    let batch = LabeledBatch(inputs: inputs, labels: Tensor([2, 0, 1, 1]))
    let before = inputs.rolled(by: 1, along: 0)
    var fractions: [Double] = []
    draws(50) {
      let mixed = MixUp(classes: 3, alpha: 0.8)(batch)
      let fraction = mixed.labels[0, 2].item
      fractions.append(fraction)
      let expected: Tensor<Double> = inputs * fraction + before * (1 - fraction)
      #expect(zip(mixed.inputs.scalars, expected.scalars).allSatisfy { abs($0 - $1) < 1e-12 })
      let labels: [Double] = [0, 1 - fraction, fraction, fraction, 0, 1 - fraction]
      #expect(zip(mixed.labels[0..<2].scalars, labels).allSatisfy { abs($0 - $1) < 1e-12 })
      let cut = CutMix(classes: 3)(batch)
      let isOther = (cut.inputs .!= inputs).cast(to: Double.self)
      let replaced = isOther.mean().item
      let pasted: Tensor<Double> = inputs * (1 - isOther) + before * isOther
      #expect(cut.inputs.scalars == pasted.scalars)
      let (one, other): (Double, Double) = (cut.labels[0, 1].item, cut.labels[0, 2].item)
      #expect(abs(one - replaced) < 1e-12 && abs(other - (1 - replaced)) < 1e-12)
    }
    #expect(fractions.max()! - fractions.min()! > 0.5)
  }

  @Test("Mistakes stop with a line that names the operation")
  func messages() async {
    let small = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let image = Image(height: 2, width: 3, format: .gray, bytes: [0, 1, 2, 3, 4, 5])
      _ = image.cropped(ImageRegion(top: 1, left: 0, height: 2, width: 3))
    }
    let text = String(decoding: small?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("Image.cropped: the region of 2×3 at (1, 0) is not within 2×3"), "\(text)")
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Image(height: .max, width: .max, format: .rgba, bytes: [0])
    }
    let counted = String(decoding: count?.standardErrorContent ?? [], as: UTF8.self)
    #expect(counted.contains("Image: a size of"), "\(counted)")
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MixUp(classes: 2)(LabeledBatch(inputs: Tensor<Float>(zeros: [1, 1]), labels: Tensor([2])))
    }
    let labeled = String(decoding: label?.standardErrorContent ?? [], as: UTF8.self)
    #expect(labeled.contains("MixUp: label 2 is not in 0 ..< 2"), "\(labeled)")
  }
}
