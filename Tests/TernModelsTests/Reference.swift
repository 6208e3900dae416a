import Foundation
import TernNN
import TernTensor
import Testing

@testable import TernModels

// What reference.py wrote of torchvision's, timm's and transformers' networks, and the numbers that both make.

/// A network's numbers in Python.
struct Reference: Decodable {
  /// A name of the state and its shape.
  struct Entry: Decodable {
    let name: String
    let shape: [Int]

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      (name, shape) = (try values.decode(String.self), try values.decode([Int].self))
    }
  }

  /// Distances of single precision from double.
  struct Distances: Decodable {
    let output: Double
    let loss: Double
    let gradients: [String: Double]
    let buffers: [String: Double]
  }

  let name: String
  let state: [Entry]
  let input: [Int]
  let outputShape: [Int]
  /// The first numbers of the output in evaluation.
  let output: [Double]
  let outputDigest: [Double]
  /// The largest magnitude of the output.
  let largest: Double
  let loss: Double
  let gradients: [String: [Double]]
  let buffers: [String: [Double]]
  let float: Distances

  init(_ name: String) throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name).json")
    self = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: path))
  }
  private enum CodingKeys: CodingKey {
    case name, state, input, outputShape, output, outputDigest, largest, loss, gradients, buffers, float
  }
}

/// Numbers in -1 ..< 1 from splitmix64 of the position and FNV-1a of the name.
func hashed(_ name: String, _ count: Int) -> [Double] {
  var seed: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return [Double](unsafeUninitializedCapacity: count) { values, filled in
    for i in 0..<count {
      var z = UInt64(i + 1) &* 0x9E37_79B9_7F4A_7C15 &+ seed
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      values[i] = Double(z >> 11) * 0x1p-52 - 1
    }
    filled = count
  }
}

/// What a tensor of a state starts from.
func hashedWeights(_ name: String, _ shape: [Int]) -> Tensor<Double> {
  let u = Tensor<Double>(hashed(name, shape.reduce(1, *))).reshaped(shape)
  if name.hasSuffix("running_var") { return 0.4 * u + 1 }
  if shape.count >= 2 {
    if name.contains("layer_scale") { return 0.2 * u + 0.5 }
    return u * (3 / Double(shape.dropFirst().reduce(1, *))).squareRoot()
  }
  if name.hasSuffix("weight") || name.hasSuffix("gamma") { return 0.2 * u + 1 }
  return 0.1 * u
}

/// The norm, and the product with hashed numbers.
func digest(_ name: String, _ values: [Double]) -> [Double] {
  let numbers = hashed("digest " + name, values.count)
  return [
    values.reduce(0) { $0 + $1 * $1 }.squareRoot(), zip(values, numbers).reduce(0) { $0 + $1.0 * $1.1 },
  ]
}

/// Images, or tokens below `vocabulary`, of a shape.
func hashedImages(_ shape: [Int]) -> Tensor<Double> {
  Tensor<Double>(hashed("input", shape.reduce(1, *))).reshaped(shape) * 1.5
}

func hashedTokens(_ shape: [Int], below vocabulary: Int) -> Tensor<Int> {
  let numbers = hashed("input", shape.reduce(1, *)).map { Int((($0 + 1) / 2 * Double(vocabulary)).rounded(.down)) }
  return Tensor<Int>(numbers).reshaped(shape)
}

/// A network as a function, whatever it takes.
struct Subject<Scalar: FloatingScalar> {
  let model: any Module
  /// The output of a call.
  let output: () -> Tensor<Scalar>
  /// The loss of an output.
  let loss: (Tensor<Scalar>) -> Tensor<Scalar>

  /// A network from images, with the loss that reference.py takes.
  init(_ model: some Layer<Scalar>, input: [Int]) {
    self.model = model
    let images = hashedImages(input).cast(to: Scalar.self)
    output = { model(images) }
    loss = { y in
      if y.rank != 2 { return (y * y).mean() / 2 }
      return crossEntropy(y, Tensor<Int>((0..<y.shape[0]).map { $0 % y.shape[1] }))
    }
  }

  /// A network from tokens; the loss is that of the next token, or half the mean square.
  init(_ model: some TokenModel<Scalar>, input: [Int], vocabulary: Int, predictsTokens: Bool) {
    self.model = model
    let tokens = hashedTokens(input, below: vocabulary)
    output = { model(tokens, file: #fileID, line: #line) }
    loss = { y in
      if !predictsTokens { return (y * y).mean() / 2 }
      let length = y.shape[1]
      let scores = y[.all, .slice(0, length - 1)].reshaped([-1, y.shape[2]])
      return crossEntropy(scores, tokens[.all, .slice(1, length)].reshaped([-1]))
    }
  }
}

/// What a network answered and what a step made of it, in double precision.
struct Measured {
  var shape: [Int] = []
  var output: [Double] = []
  var loss = 0.0
  var gradients: [String: [Double]] = [:]
  var buffers: [String: [Double]] = [:]

  /// Loads hashed weights strictly, evaluates, and takes a step of SGD with the rate 0.1.
  init<Scalar>(_ subject: Subject<Scalar>, _ reference: Reference) throws {
    let model = subject.model
    let state = reference.state.map { entry -> StateEntry in
      if entry.name.hasSuffix("num_batches_tracked") { return StateEntry(name: entry.name, Tensor<Int>(0)) }
      return StateEntry(name: entry.name, hashedWeights(entry.name, entry.shape).cast(to: Scalar.self))
    }
    try model.load(state)
    model.eval()
    let y = withoutGradients { subject.output() }
    shape = y.shape
    output = y.cast(to: Double.self).scalars
    model.train()
    let optimizer = SGD(model, learningRate: 0.1)
    let loss = subject.loss(subject.output())
    loss.backward()
    self.loss = loss.cast(to: Double.self).item
    for (name, parameter) in model.namedParameters {
      if let gradient = (parameter as? Parameter<Scalar>)?.gradient {
        gradients[name] = gradient.cast(to: Double.self).scalars
      }
    }
    optimizer.step()
    for (name, buffer) in model.namedBuffers {
      if let buffer = buffer as? Buffer<Scalar> { buffers[name] = buffer.value.cast(to: Double.self).scalars }
    }
  }
}

/// Expects a network to be that of a reference: names and shapes of the state, evaluation and a training step in both
/// precisions.
func expectAgreement(
  _ name: String, double: () -> Subject<Double>, float: () -> Subject<Float>,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let reference = try Reference(name)
  func expect(_ condition: Bool, _ text: @autoclosure () -> String) {
    if !condition { Issue.record("\(name): \(text())", sourceLocation: sourceLocation) }
  }
  func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
  let subject = double()
  let own = subject.model.state
  expect(own.map(\.name) == reference.state.map(\.name), "names \(own.map(\.name)) in another order")
  let wide = try Measured(subject, reference)
  expect(wide.shape == reference.outputShape, "an output of \(wide.shape), not \(reference.outputShape)")
  for (i, value) in reference.output.enumerated() where i < wide.output.count {
    expect(
      abs(wide.output[i] - value) <= 1e-10 * reference.largest, "output \(i) is \(wide.output[i]), not \(value)")
  }
  let scale = reference.gradients.values.reduce(0) { max($0, $1[0]) }
  func expectDigest(_ what: String, _ key: String, _ values: [Double]?, _ expected: [Double], _ tolerance: Double) {
    guard let values else { return expect(false, "no \(what) of \(key)") }
    let found = digest(key, values)
    // What is 0 but for rounding, as a bias before a batch normalization, is measured by the others.
    let size = max(expected[0], 1e-4 * scale)
    expect(
      abs(found[0] - expected[0]) <= tolerance * size && abs(found[1] - expected[1]) <= tolerance * size,
      "\(what) of \(key): \(found), not \(expected)")
  }
  expectDigest("output", "output", wide.output, reference.outputDigest, 1e-10)
  expect(abs(wide.loss - reference.loss) <= 1e-8 * abs(reference.loss), "loss \(wide.loss), not \(reference.loss)")
  expect(Set(wide.gradients.keys) == Set(reference.gradients.keys), "gradients of other parameters")
  for (key, expected) in reference.gradients { expectDigest("gradient", key, wide.gradients[key], expected, 1e-8) }
  for (key, expected) in reference.buffers { expectDigest("buffer", key, wide.buffers[key], expected, 1e-8) }

  let narrow = try Measured(float(), reference)
  let worst = zip(narrow.output, wide.output).reduce(0) { max($0, abs($1.0 - $1.1)) }
  expect(worst <= 1e-5 * reference.largest, "outputs in Float \(worst) off, the largest is \(reference.largest)")
  let ulp = Double(Float.ulpOfOne)
  expect(
    abs(narrow.loss - wide.loss) <= max(4 * reference.float.loss, 4 * ulp * abs(wide.loss)),
    "loss in Float \(abs(narrow.loss - wide.loss)) off, PyTorch's \(reference.float.loss)")
  for (key, expected) in reference.float.gradients {
    let found = distance(narrow.gradients[key] ?? [], wide.gradients[key] ?? [])
    let size = max(reference.gradients[key]?[0] ?? 0, 1e-4 * scale)
    expect(found <= 4 * expected + ulp * size, "gradient of \(key) in Float \(found) off, PyTorch's \(expected)")
  }
  for (key, expected) in reference.float.buffers {
    let found = distance(narrow.buffers[key] ?? [], wide.buffers[key] ?? [])
    let size = reference.buffers[key]?[0] ?? 0
    expect(found <= 4 * expected + ulp * size, "buffer \(key) in Float \(found) off, PyTorch's \(expected)")
  }
}

/// The same for networks from images.
func expectAgreement<Wide: Layer<Double>, Narrow: Layer<Float>>(
  _ name: String, _ double: () -> Wide, _ float: () -> Narrow, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let input = try Reference(name).input
  try expectAgreement(
    name, double: { Subject(double(), input: input) }, float: { Subject(float(), input: input) },
    sourceLocation: sourceLocation)
}
