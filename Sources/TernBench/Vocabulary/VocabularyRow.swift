import TernConformance
import TernData
import TernTensor

/// The memory layout of a row's inputs.
package enum VocabularyLayout: String, CaseIterable, Sendable {
  case contiguous
  /// The last two axes exchanged in memory.
  case transposed
  /// Images with the channels last in memory.
  case channelsLast = "channels-last"
}

/// One operation of `vocabulary.json`, named as the conformance cases name it: attributes, and inputs as a kind of values
/// and extents, which are numbers or names that the size gives.
struct VocabularyRow {
  let name: String
  let operation: String
  let family: any ConformanceFamily.Type
  let inputs: [String?]
  let attributes: JSON?
  let hasBackward: Bool
  /// The sizes it is measured at; `nil` for all.
  let sizes: [String]?

  init(_ json: JSON, file: String) throws {
    guard let name = json["name"]?.string, let operation = json["op"]?.string, let inputs = json["inputs"]?.array else {
      throw ConformanceError("\(file): a row without name, op or inputs: \(json)")
    }
    guard let family = Conformance.families.first(where: { $0.name == json["family"]?.string }) else {
      throw ConformanceError("\(file): \(name) is of no family there is")
    }
    (self.name, self.operation, self.family) = (name, operation, family)
    self.inputs = inputs.map(\.string)
    attributes = json["attributes"]
    hasBackward = json["backward"] != .bool(false)
    sizes = json["sizes"]?.array?.compactMap(\.string)
  }

  /// What the row calls at a size: its operation, or operation and gradients from a cotangent. `nil` where there is no
  /// gradient to take.
  func call<Scalar: FloatingScalar>(
    _: Scalar.Type, _ extents: [String: Int], layout: VocabularyLayout, backward: Bool
  ) throws -> (() -> Void)? {
    let attributes = try Attributes(attributes.map { substituted($0, extents) })
    let values = try inputs.map { try $0.map { try Self.input($0, extents, layout, Scalar.self) } }
    let run = family
    let leaves = backward ? values.compactMap { $0?.typed(Scalar.self)?.asVariable() } : []
    var rest = leaves[...]
    let inputs = values.map { value in
      backward && value?.dtype == Scalar.dtype ? rest.popFirst().map { AnyTensor($0) } : value
    }
    let arguments = Arguments<Scalar>(operation: operation, attributes: attributes, inputs: inputs)
    let first = try run.run(arguments)
    if !backward { return { withoutGradients { _ = try? run.run(arguments) } } }
    // The first result that has gradients: of a sign and a logarithm the logarithm.
    guard let place = first.firstIndex(where: { $0.typed(Scalar.self)?.requiresGradient == true }),
      let output = first[place].typed(Scalar.self)
    else { return nil }
    let cotangent = Tensor<Scalar>(randomNormal: output.shape)
    return {
      guard let output = try? run.run(arguments)[place].typed(Scalar.self) else { return }
      _ = gradients(of: output, at: leaves, gradient: cotangent)
    }
  }

  private func substituted(_ json: JSON, _ extents: [String: Int]) -> JSON {
    if let text = json.string, let extent = extents[text] { return .integer(extent) }
    if let list = json.array { return .array(list.map { substituted($0, extents) }) }
    guard let members = json.members else { return json }
    return .object(members.map { .init($0.key, substituted($0.value, extents)) })
  }

  static func input<Scalar: FloatingScalar>(
    _ text: String, _ extents: [String: Int], _ layout: VocabularyLayout, _: Scalar.Type
  ) throws -> AnyTensor {
    let words = text.split(separator: " ").map(String.init)
    let shape = try words.dropFirst().map { word in
      guard let extent = Int(word) ?? extents[word] else { throw ConformanceError("\(text): \(word) is no extent") }
      return extent
    }
    let kind = words[0]
    if kind.hasPrefix("index:") {
      let bound = String(kind.dropFirst(6))
      guard let bound = Int(bound) ?? extents[bound] else { throw ConformanceError("\(text): \(bound) is no bound") }
      return AnyTensor(Tensor<Int>(randomIntegers: shape, in: 0..<bound))
    }
    if kind == "permutation" { return AnyTensor(Tensor<Int>(randomPermutation: shape.first ?? 1)) }
    if kind == "mask" { return AnyTensor(Tensor<Float>(randomUniform: shape) .< 0.5) }
    if kind == "spd" {
      let a = Tensor<Scalar>(randomNormal: shape)
      let square = matmul(a, a.transposed(-1, -2)) / Scalar(shape.last!)
      return AnyTensor(square + 2 * Tensor<Scalar>(eye: shape.last!))
    }
    var stored = shape
    let isTransposed = layout == .transposed && shape.count >= 2
    if isTransposed { stored.swapAt(shape.count - 1, shape.count - 2) }
    let isChannelsLast = layout == .channelsLast && shape.count == 4
    if isChannelsLast { stored = [shape[0], shape[2], shape[3], shape[1]] }
    var x = try values(kind, stored, Scalar.self)
    if isTransposed { x = x.transposed(-1, -2) }
    if isChannelsLast { x = x.permuted(0, 3, 1, 2) }
    return AnyTensor(x)
  }

  private static func values<Scalar: FloatingScalar>(
    _ kind: String, _ shape: [Int], _: Scalar.Type
  ) throws -> Tensor<Scalar> {
    func uniform(_ low: Scalar, _ high: Scalar) -> Tensor<Scalar> { Tensor(randomUniform: shape) * (high - low) + low }
    switch kind {
    case "normal": return Tensor(randomNormal: shape)
    case "small": return Tensor(randomNormal: shape) * 0.02
    case "unit": return uniform(0.01, 0.99)
    case "positive": return uniform(0.1, 1.1)
    case "negative": return uniform(-1.1, -0.1)
    case "above": return uniform(1.5, 2.5)
    case "sign": return (Tensor<Scalar>(randomUniform: shape) - 0.5).sign()
    case "sorted": return Tensor<Scalar>(randomNormal: shape).sorted().values
    default: throw ConformanceError("\(kind) is no kind of values")
    }
  }
}
