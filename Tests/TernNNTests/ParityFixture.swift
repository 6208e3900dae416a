import TernData
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// PyTorch's answers for layers and losses, as `Fixtures/make.py` writes them.
struct ParityFixture {
  private let file: SafetensorsFile

  init() throws { file = try fixture("layers.safetensors") }

  /// A tensor by its name in the file.
  func tensor<Scalar: TensorScalar>(_ name: String) throws -> Tensor<Scalar> { try #require(file[name]).tensor() }

  /// The names below a path, without it.
  func names(below path: String) -> [String] {
    file.entries.map(\.name).filter { $0.hasPrefix(path) }.map { String($0.dropFirst(path.count)) }
  }

  /// The names of all cases whose name ends so.
  func cases(ending: String) -> Set<String> {
    Set(file.entries.map { String($0.name.prefix { $0 != "/" }) }.filter { $0.hasSuffix(ending) })
  }

  /// A module with the case's state gives the case's output, gradients and buffers; the state has the same keys.
  func expectParity<M: Module>(
    _ module: M, _ name: String, _ run: (M, [Tensor<Double>]) throws -> Tensor<Double>
  ) throws {
    let state = try names(below: "\(name)/state/").map { key -> StateEntry in
      let stored = try #require(file["\(name)/state/\(key)"])
      return stored.type == .int64
        ? StateEntry(name: key, try stored.tensor(as: Int.self))
        : StateEntry(name: key, try stored.tensor(as: Double.self))
    }
    try module.load(state)
    var inputs: [Tensor<Double>] = []
    while let stored = file["\(name)/x\(inputs.isEmpty ? "" : "\(inputs.count)")"], stored.type == .float64 {
      inputs.append(try stored.tensor(as: Double.self).asVariable())
    }
    let y = try run(module, inputs)
    try #expect(relativeDifference(y.detached(), tensor("\(name)/y")) < 1e-12, "\(name): the output")
    y.backward(try tensor("\(name)/g"))
    for (i, x) in inputs.enumerated() {
      guard let derivative = file["\(name)/dx\(i == 0 ? "" : "\(i)")"] else { continue }
      let gradient = try #require(x.gradient, "\(name): input \(i)")
      try #expect(relativeDifference(gradient, derivative.tensor()) < 1e-11, "\(name): gradient of input \(i)")
    }
    for (key, parameter) in module.namedParameters {
      let gradient = try #require((parameter as? Parameter<Double>)?.gradient, "\(name) \(key)")
      try #expect(relativeDifference(gradient, tensor("\(name)/grad/\(key)")) < 1e-11, "\(name): \(key)")
    }
    for (key, buffer) in module.namedBuffers {
      guard let buffer = buffer as? Buffer<Double> else { continue }
      try #expect(relativeDifference(buffer.value, tensor("\(name)/after/\(key)")) < 1e-12, "\(name): \(key)")
    }
  }
}
