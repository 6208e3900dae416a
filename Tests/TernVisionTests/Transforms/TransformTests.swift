import TernData
import TernTensor
import Testing

@testable import TernVision

@Suite("Transforms beside Pillow and torchvision")
struct TransformTests {
  let reference: ReferencePictures

  init() throws { reference = try ReferencePictures("transforms.npz") }

  /// Compares what `make` makes of the rest of a name's path with what is there, within `tolerance` of 255, `outliers` of
  /// the values left out.
  private func compare(
    _ prefix: String, within tolerance: Int, outliers: Double = 0, count: Int, source: String = "rgb",
    _ make: (Image, [String]) throws -> Image
  ) throws {
    let names = reference.names.filter { $0 == prefix || $0.hasPrefix(prefix + "/") }
    #expect(names.count == count, "\(prefix): \(names.count)")
    let image = try reference.image("source/\(source)")
    for name in names {
      let made = try make(image, name.split(separator: "/").dropFirst().map(String.init))
      let expected = try reference.values(name)
      #expect([made.height, made.width, made.channels] == expected.shape, "\(name): \(made)")
      let off = zip(made.numbers, expected.values).count { abs($0 - $1) > tolerance }
      #expect(
        Double(off) <= outliers * Double(expected.values.count),
        "\(name): \(off) of \(expected.values.count) values off, by \(made.distance(to: expected) ?? -1)")
    }
  }

  @Test("Resizing is Pillow's to the bit, of gray, color and opacity", arguments: ["rgb", "rgba", "gray"])
  func resizing(kind: String) throws {
    let names = [
      "nearest": ResizeFilter.nearest, "area": .area, "bilinear": .bilinear, "bicubic": .bicubic, "lanczos": .lanczos,
    ]
    try compare("resize/\(kind)", within: 0, count: kind == "rgb" ? 25 : 5, source: kind) { image, path in
      image.resized(
        height: try #require(Int(path[2])), width: try #require(Int(path[3])), filter: try #require(names[path[1]]))
    }
  }

  @Test("Resizing a region is resizing what is cropped; 16 bits are as near as their bits allow")
  func regions() throws {
    let image = try reference.image("source/rgb")
    let region = ImageRegion(top: 3, left: 5, height: 17, width: 30)
    for filter in ResizeFilter.allCases {
      for source in [image, image.converted(to: .rgba), image.converted(to: .gray), image.converted(toBitDepth: 16)] {
        let size = (height: 11, width: 33)
        #expect(
          source.resized(height: size.height, width: size.width, filter: filter, region: region)
            == source.cropped(region).resized(height: size.height, width: size.width, filter: filter))
      }
      let fine = image.converted(toBitDepth: 16).resized(height: 11, width: 20, filter: filter)
      let coarse = image.resized(height: 11, width: 20, filter: filter)
      for (a, b) in zip(fine.words, coarse.bytes) { #expect(abs(Double(a) / 257 - Double(b)) < 1.1) }
    }
  }

  @Test("The middle")
  func center() throws {
    try compare("center", within: 0, count: 4) { image, path in
      image.centerCropped(height: try #require(Int(path[0])), width: try #require(Int(path[1])))
    }
  }

  private let filters = ["nearest": ResizeFilter.nearest, "bilinear": .bilinear]

  @Test("Rotation: but for rounding at the borders of pixels")
  func rotation() throws {
    try compare("rotate", within: 1, outliers: 0.002, count: 12) { image, path in
      image.rotated(degrees: try #require(Double(path[1])), filter: try #require(filters[path[0]]))
    }
  }

  @Test("Affine maps: but for rounding at the borders of pixels")
  func affine() throws {
    try compare("affine", within: 1, outliers: 0.002, count: 6) { image, path in
      let numbers = try path.dropFirst().map { try #require(Double($0)) }
      let map = AffineMap(
        degrees: numbers[0], shift: (numbers[1], numbers[2]), scale: numbers[3], shear: (numbers[4], numbers[5]),
        center: (Double(image.width) / 2, Double(image.height) / 2))
      return image.transformed(by: map, filter: try #require(filters[path[0]]))
    }
  }

  @Test("Brightness, contrast, saturation and sharpness")
  func enhancements() throws {
    func factor(_ path: [String]) throws -> Double { try #require(Double(path[0])) }
    try compare("brightness", within: 0, count: 5) { try $0.adjustedBrightness(by: factor($1)) }
    try compare("contrast", within: 0, count: 5) { try $0.adjustedContrast(by: factor($1)) }
    try compare("saturation", within: 0, count: 5) { try $0.adjustedSaturation(by: factor($1)) }
    try compare("sharpness", within: 0, count: 5) { try $0.adjustedSharpness(by: factor($1)) }
  }

  @Test("Hue, gray, inversion")
  func colors() throws {
    try compare("hue", within: 0, count: 6) { try $0.adjustedHue(by: #require(Double($1[0]))) }
    try compare("grayscale", within: 0, count: 1) { image, _ in image.grayscale }
    try compare("invert", within: 0, count: 1) { image, _ in image.inverted }
  }

  @Test("Posterizing, solarizing, contrast and equal use of values")
  func tones() throws {
    try compare("posterize", within: 0, count: 4) { try $0.posterized(bits: #require(Int($1[0]))) }
    try compare("solarize", within: 0, count: 4) { try $0.solarized(threshold: #require(Double($1[0])) / 255) }
    try compare("autocontrast", within: 0, count: 1, source: "dim") { image, _ in image.autocontrasted }
    try compare("equalize", within: 0, count: 1, source: "dim") { image, _ in image.equalized }
  }

  @Test("Blur is torchvision's within 1 of 255")
  func blur() throws {
    try compare("blur", within: 1, count: 3) { image, path in
      image.blurred(size: try #require(Int(path[0])), deviation: try #require(Double(path[1])))
    }
  }

  private let operations: [String: AugmentationOperation] = [
    "ShearX": .shearX, "ShearY": .shearY, "TranslateX": .translateX, "TranslateY": .translateY, "Rotate": .rotate,
    "Brightness": .brightness, "Color": .color, "Contrast": .contrast, "Sharpness": .sharpness,
    "Posterize": .posterize, "Solarize": .solarize, "AutoContrast": .autoContrast, "Equalize": .equalize,
  ]

  @Test("The operations of RandAugment and TrivialAugment, of their magnitudes")
  func automatic() throws {
    try compare("randaugment", within: 0, outliers: 0.002, count: 44) { image, path in
      let operation = try #require(operations[path[0]])
      let transform = RandAugment(magnitude: try #require(Int(path[1])))
      return operation.apply(try #require(Double(path[2])) * transform.strength(of: operation, for: image), to: image)
    }
    try compare("trivialaugment", within: 0, outliers: 0.002, count: 26) { image, path in
      let operation = try #require(operations[path[0]])
      return operation.apply(TrivialAugment().strength(of: operation, bin: try #require(Int(path[1]))), to: image)
    }
  }
}
