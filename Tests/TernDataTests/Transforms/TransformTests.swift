import Foundation
import TernTensor
import Testing

@testable import TernData

/// The largest difference of two tensors of one shape.
private func difference<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Double {
  a.shape == b.shape ? (a - b).abs().max().item.number : .infinity
}

/// The covariance of samples [N, D] with the divisor N, in double precision.
private func covariance<Scalar: FloatingScalar>(_ samples: Tensor<Scalar>) -> Tensor<Double> {
  let centered = samples.cast(to: Double.self) - samples.cast(to: Double.self).mean(along: 0, keepingAxes: true)
  return matmul(centered.transposed(), centered) / Double(samples.shape[0])
}

@Suite("Transforms fitted to samples")
struct TransformTests {
  private let samples = Tensor<Double>(
    [2, -1, 30, 4, 0.5, 10, -1, 2, 20, 0.5, -3, 50, 3, 1, -20], shape: [5, 3])

  /// Samples of features that go together, of very different sizes.
  private func correlated(_ count: Int, _ features: Int, seed: UInt64 = 4) -> Tensor<Double> {
    let generator = RandomGenerator(seed: seed)
    let sources = Tensor<Double>(randomNormal: [count, features], generator: generator)
    let mixing = Tensor<Double>(randomNormal: [features, features], generator: generator)
    let sizes = Tensor((0..<features).map { Foundation.pow(10, Double($0 % 5) - 1) })
    return matmul(sources, mixing) * sizes + sizes * 3
  }

  @Test("NumPy's formulas: min-max, standardizing, PCA and ZCA whitening with and without ε")
  func reference() throws {
    func expectFirst(_ result: Tensor<Double>, _ expected: [Double]) {
      let rows = Tensor(expected, shape: [2, 3])
      let found = result.narrowed(axis: 0, start: 0, length: 2)
      #expect(difference(found, rows) < 2e-14, "\(found.scalars) for \(expected)")
    }
    try expectFirst(
      MinMaxScaling(of: samples)(samples), [0.6, 0.4, 0.7142857142857143, 1.0, 0.7, 0.42857142857142855])
    try expectFirst(
      Standardization(of: samples)(samples),
      [
        0.16876318513890362, -0.516185401208764, 0.5183210553488161, 1.2938510860649275, 0.34412360080584264,
        -0.34554737023254406,
      ])
    try expectFirst(
      Whitening(.pca, of: samples)(samples),
      [
        0.517537362912301, 0.44920805732862856, 0.2939388856720719, -0.3493629523029922, 0.8779895950460062,
        1.5188534519835577,
      ])
    try expectFirst(
      Whitening(.zca, of: samples)(samples),
      [
        0.5154080686613793, -0.04197723332824246, 0.5372385912517563, 1.5972977737631964, 0.7674739671728084,
        -0.24384327281360468,
      ])
    try expectFirst(
      Whitening(.pca, of: samples, epsilon: 0.5)(samples),
      [
        0.5172972461702259, 0.4164041644508465, 0.2233086792592647, -0.3492008617952911, 0.8138734774612629,
        1.1538900597494144,
      ])
    try expectFirst(
      Whitening(.zca, of: samples, epsilon: 0.5)(samples),
      [
        0.4483978771241083, -0.08132811362948351, 0.5321472700520853, 1.3377155125419613, 0.5041919014130972,
        -0.2685168211416437,
      ])
    let whitening = try Whitening(.pca, of: samples)
    for (found, expected) in zip(whitening.variances, [538.4643436222813, 3.053172683067311, 0.6824836946516896]) {
      #expect(abs(found - expected) < 1e-13 * expected, "\(found) for \(expected)")
    }
    #expect(difference(Tensor(whitening.mean), Tensor([1.7, -0.1, 18])) < 1e-15)
    #expect(abs(whitening.directions[0, 2].item - 0.9977061469843055) < 1e-14)
  }

  @Test("Whitened samples have the covariance 1, in Double and in Float, over several blocks too")
  func identity() throws {
    for (count, features) in [(50, 2), (300, 17), (3000, 400)] {
      let samples = correlated(count, features)
      for method in Whitening.Method.allCases {
        let whitening = try Whitening(method, of: samples)
        let result = whitening(samples)
        let eye = Tensor<Double>(eye: features)
        #expect(difference(covariance(result), eye) < 1e-8, "\(method) \(count)×\(features)")
        #expect(result.mean(along: 0).abs().max().item < 1e-8)
        #expect(abs(whitening.keptShare - 1) < 1e-14 && whitening.variances.count == features)
        let single = samples.cast(to: Float.self)
        let narrow = try Whitening(method, of: single)(single)
        #expect(narrow.dtype == .float32)
        if features < 100 { #expect(difference(covariance(narrow), eye) < 1e-3, "Float, \(method) \(features)") }
      }
    }
  }

  @Test("Features of very different sizes lose no digits")
  func graded() throws {
    let generator = RandomGenerator(seed: 8)
    let source = Tensor<Double>(randomNormal: [500, 2], generator: generator)
    let (a, b) = (source[.all, 0..<1], source[.all, 1..<2])
    let samples = concatenate([a * 1e6 + 5e6, (a + b * 0.1) * 1e-3], along: 1)
    let whitened = try Whitening(.pca, of: samples)(samples)
    // The covariance matrix of these has a condition of 1e20: its own least eigenvalue would be noise.
    #expect(difference(covariance(whitened), Tensor(eye: 2)) < 1e-4, "\(covariance(whitened))")
  }

  @Test("ZCA's matrix is symmetric, and what it gives is nearest to the samples")
  func symmetric() throws {
    let samples = correlated(200, 9)
    let (zca, pca) = try (Whitening(.zca, of: samples), Whitening(.pca, of: samples))
    #expect(zca.matrix == zca.matrix.transposed() && zca.matrix.shape == [9, 9])
    #expect(zca.variances == pca.variances && zca.directions == pca.directions)
    let centered = samples - samples.mean(along: 0, keepingAxes: true)
    let distance = { (x: Tensor<Double>) in (x - centered).square().sum().item }
    #expect(distance(zca(samples)) < distance(pca(samples)))
  }

  @Test("The inverse gives the samples back")
  func inverse() throws {
    for samples in [samples, correlated(40, 6), correlated(7, 12)] {
      let size = samples.abs().max().item
      func expectBack(_ transform: some FittedTransform, _ tolerance: Double = 1e-10) {
        let back = transform.inverse(transform(samples))
        #expect(difference(back, samples) < tolerance * size, "\(type(of: transform)) \(samples.shape)")
        let single = samples.cast(to: Float.self)
        #expect(difference(transform.inverse(transform(single)), single) < 1e-4 * size, "\(type(of: transform))")
      }
      try expectBack(MinMaxScaling(of: samples, to: -2...3))
      try expectBack(Standardization(of: samples))
      for method in Whitening.Method.allCases {
        try expectBack(Whitening(method, of: samples))
        try expectBack(Whitening(method, of: samples, epsilon: 0.1))
      }
    }
  }

  @Test("Channels of images are scaled by their own figures, whatever the layout")
  func images() throws {
    let generator = RandomGenerator(seed: 5)
    let images = Tensor<Float>(randomNormal: [6, 3, 4, 5], mean: 7, deviation: 2, generator: generator)
    let last = images.permuted(0, 2, 3, 1).copied().permuted(0, 3, 1, 2)
    let scaling = try MinMaxScaling(of: images)
    #expect(try MinMaxScaling(of: last) == scaling && scaling.minimum.count == 3)
    #expect(scaling.minimum[1] == Double(images[.all, 1].min().item))
    let scaled = scaling(images)
    #expect(scaled.amin(along: 0, 2, 3) == Tensor(zeros: [3]) && scaled.amax(along: 0, 2, 3) == Tensor(ones: [3]))
    let standardization = try Standardization(of: images)
    let other = try Standardization(of: last)
    #expect(difference(Tensor(other.mean), Tensor(standardization.mean)) < 1e-14)
    #expect(difference(Tensor(other.deviation), Tensor(standardization.deviation)) < 1e-14)
    let result = standardization(last).cast(to: Double.self)
    #expect(result.mean(along: 0, 2, 3).abs().max().item < 1e-6)
    #expect((result.variance(along: 0, 2, 3, correction: 0) - 1).abs().max().item < 1e-5)
  }

  @Test("Components by number and by their share of the variance")
  func components() throws {
    // Cumulated fractions by NumPy: 0.99311, 0.99874, 1.
    func count(_ components: Whitening.Components) throws -> Int {
      try Whitening(.pca, of: samples, components: components).variances.count
    }
    #expect(try count(.count(2)) == 2 && count(.all) == 3)
    #expect(try count(.variance(share: 0.99)) == 1 && count(.variance(share: 0.995)) == 2)
    #expect(try count(.variance(share: 1)) == 3)
    let two = try Whitening(.pca, of: samples, components: .count(2))
    #expect(abs(two.keptShare - 0.9987412694676286) < 1e-14)
    #expect(difference(two(samples), try Whitening(.pca, of: samples)(samples)[.all, 0..<2]) < 1e-14)
    let projected = two.inverse(two(samples))
    // What is lost is the variance along the direction left out.
    #expect(abs((projected - samples).square().sum().item / 5 - 0.6824836946516896) < 1e-12)
    let turned = try Whitening(.zca, of: samples, components: .count(2))
    #expect(turned(samples).shape == [5, 3] && difference(turned.inverse(turned(samples)), projected) < 1e-12)
  }

  @Test("Constant features and fewer samples than features: directions without variance are left out")
  func degenerate() throws {
    let constant = Tensor<Double>(full: [30, 1], 20_000.1)
    let samples = concatenate([correlated(30, 2), constant], along: 1)
    let other = Tensor<Double>([1, 2, 5], shape: [1, 3])
    #expect(try MinMaxScaling(of: samples)(samples)[.all, 2].max().item == 0)
    let standardization = try Standardization(of: samples)
    #expect(standardization.deviation[2] == 1 && standardization(samples)[.all, 2].abs().max().item == 0)
    for method in Whitening.Method.allCases {
      for epsilon in [0, 1e-3] {
        let whitening = try Whitening(method, of: samples, epsilon: epsilon)
        #expect(whitening.variances.count == 2 && whitening(other).isFinite().all().item)
        #expect(whitening.inverse(whitening(other))[0, 2].item == 20_000.1)
      }
      let few = correlated(5, 12)
      let whitening = try Whitening(method, of: few)
      #expect(whitening.variances.count == 4 && whitening.directions.shape == [4, 12])
      let result = whitening(few)
      #expect(result.shape == [5, method == .pca ? 4 : 12])
      // With ZCA, the covariance is the projection onto the directions: of trace 4.
      let found = covariance(result)
      #expect(difference(matmul(found, found), found) < 1e-9 && abs(found.diagonal().sum().item - 4) < 1e-9)
    }
  }

  @Test("What is transformed has a gradient")
  func gradient() throws {
    let whitening = try Whitening(.pca, of: samples, components: .count(2), epsilon: 0.1)
    let x = samples.asVariable()
    let found = gradients(of: whitening(x).sum(), at: [x])[0]
    let expected = whitening.matrix.sum(along: 1).expandedAxis(at: 0).broadcast(to: [5, 3])
    #expect(difference(found, expected) < 1e-14)
  }

  @Test("Written and read, the figures are the same to the last bit")
  func files() throws {
    let samples = correlated(40, 6)
    try withTemporaryFolder { folder in
      let path = folder + "/transform.safetensors"
      func expectSame<Transform: FittedTransform>(_ transform: Transform) throws {
        try transform.save(to: path)
        let read = try Transform(contentsOf: path)
        #expect(read == transform && read(samples) == transform(samples))
      }
      try expectSame(MinMaxScaling(of: samples, to: -1...1))
      try expectSame(Standardization(of: samples))
      for method in Whitening.Method.allCases {
        try expectSame(Whitening(method, of: samples, components: .count(4), epsilon: 1e-3))
      }
      expectError(.mismatch, "holds a transform called \"whitening\"", "\"standardization\"") {
        _ = try Standardization(contentsOf: path)
      }
      let whitening = try Whitening(.pca, of: samples)
      func write(_ change: (String, StoredArray)?, choices: [String: String]? = nil) throws {
        let arrays = whitening.figures.compactMap { figure -> (name: String, array: StoredArray)? in
          figure.name == change?.0 ? change.map { ($0.0, $0.1) } : figure
        }
        let choices = choices ?? ["method": "pca"]
        try SafetensorsFile.write(
          arrays, metadata: choices.merging(["transform": "whitening"]) { $1 }, to: path)
      }
      func expectRefused(_ kind: DataError.Kind, _ words: String) {
        expectError(kind, words) { _ = try Whitening(contentsOf: path) }
      }
      try write(("mean", StoredArray([1.0, 2], shape: [2])))
      expectRefused(.mismatch, "\"directions\" is of shape [6, 6] (expected [6, 2])")
      try write(("variances", StoredArray([1.0, 1, 1, 1, 1, -1], shape: [6])))
      expectRefused(.malformed, "the figures are of no whitening")
      try write(("mean", StoredArray([Double](repeating: .nan, count: 6), shape: [6])))
      expectRefused(.malformed, "\"mean\" holds a NaN or an infinity")
      try write(("directions", StoredArray([Double](repeating: 1, count: 36), shape: [6, 6])))
      expectRefused(.malformed, "the figures are of no whitening")
      try write(nil, choices: ["method": "other"])
      expectRefused(.malformed, "method \"other\"")
      try SafetensorsFile.write([("mean", StoredArray([1.0], shape: [1]))], to: path)
      expectRefused(.mismatch, "holds no transform")
    }
  }

  @Test("Samples that nothing can be fitted to are refused in one line")
  func refused() {
    func expectError(_ message: String, _ body: () throws -> Void) {
      let error = #expect(throws: FittingError.self) { try body() }
      #expect(error?.description == message)
    }
    let empty = Tensor<Float>(zeros: [0, 3])
    expectError("Standardization: samples [0, 3]: there is nothing to fit to") { _ = try Standardization(of: empty) }
    expectError("MinMaxScaling: samples [0, 3]: there is nothing to fit to") { _ = try MinMaxScaling(of: empty) }
    expectError("Whitening: samples [0, 3]: there is nothing to fit to") { _ = try Whitening(.pca, of: empty) }
    for value in [Float.nan, .infinity, -.infinity] {
      let samples = Tensor<Float>([1, 2, 3, value], shape: [2, 2])
      expectError("Standardization: samples [2, 2]: a NaN or an infinity in channel 1") {
        _ = try Standardization(of: samples)
      }
      expectError("MinMaxScaling: samples [2, 2]: a NaN or an infinity in channel 1") {
        _ = try MinMaxScaling(of: samples)
      }
      expectError("Whitening: samples [2, 2]: a NaN or an infinity in channel 1") {
        _ = try Whitening(.zca, of: samples)
      }
    }
    let line = Tensor<Double>([0, 0, 1, 2, 2, 4], shape: [3, 2])
    expectError("Whitening: samples [3, 2]: directions in which they vary: 1, asked for: 2") {
      _ = try Whitening(.pca, of: line, components: .count(2))
    }
    expectError("Whitening: samples [1, 3]: directions in which they vary: 0, asked for: 1") {
      _ = try Whitening(.pca, of: Tensor<Double>([1, 2, 3], shape: [1, 3]))
    }
  }

  @Test("Mistakes stop the program with one line")
  func mistakes() async {
    let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Whitening(.pca, of: Tensor<Float>(zeros: [2, 3, 4]))
    }
    #expect(lastWords(rank).contains("Whitening: samples [2, 3, 4] are not of the form [samples, features]"))
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Whitening(.pca, of: Tensor<Float>(zeros: [2, 3]), epsilon: -1)
    }
    #expect(lastWords(negative).contains("Whitening: ε = -1.0 (at least 0)"))
    let share = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Whitening(.pca, of: Tensor<Float>([1, 2], shape: [2, 1]), components: .variance(share: 1.5))
    }
    #expect(lastWords(share).contains("Whitening: a share of 1.5 of the variance (above 0, at most 1)"))
    let features = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Whitening(.pca, of: Tensor<Float>([1, 2], shape: [2, 1]))(Tensor<Float>(zeros: [2, 3]))
    }
    #expect(lastWords(features).contains("Whitening: samples [2, 3] are not [samples, 1]"))
    let axis = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try MinMaxScaling(of: Tensor<Float>(zeros: [3]))
    }
    #expect(lastWords(axis).contains("MinMaxScaling: samples [3] have no axis of channels"))
    let order = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MinMaxScaling(minimum: [1], maximum: [0])
    }
    #expect(lastWords(order).contains("MinMaxScaling: minima [1.0] are not all at most the maxima [0.0]"))
  }
}
