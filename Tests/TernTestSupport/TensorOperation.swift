package import TernTensor

/// What an operation of a table is given.
package struct Operands {
  /// The numbers, which are differentiated.
  package var tensors: [Tensor<Double>]
  package var indices: [Tensor<Int>]
  package var masks: [Tensor<Bool>]

  package init(tensors: [Tensor<Double>], indices: [Tensor<Int>] = [], masks: [Tensor<Bool>] = []) {
    (self.tensors, self.indices, self.masks) = (tensors, indices, masks)
  }

  /// The numbers at a place.
  package subscript(_ place: Int) -> Tensor<Double> { tensors[place] }
}

/// Whole numbers below a bound that an operation is given.
package struct TableIndices: Sendable {
  let shape: [Int]
  let bound: Int

  package init(_ shape: [Int], below bound: Int) {
    self.shape = shape
    self.bound = bound
  }
}

/// A row of a table of operations: with it an operation joins the tests of gradients and of layouts.
package struct TensorOperation: Sendable, CustomStringConvertible {
  package typealias Function = @Sendable (Operands) -> Tensor<Double>

  package let name: String
  /// The shapes of the numbers, in one form or several.
  package let forms: [[[Int]]]
  /// Where numbers are drawn from, by place; without a range they are apart from each other and from 0.
  private let ranges: [Range<Double>]
  private let indices: [TableIndices]
  private let masks: [[Int]]
  /// How often it can be differentiated: 0, 1, 2.
  private let order: Int
  /// How far results may differ between layouts: not at all where values are moved or taken one by one.
  private var tolerance = 0.0
  private var isElementwise = false
  package let function: Function

  /// - Parameters:
  ///   - shapes: of the numbers.
  ///   - also: the shapes in further forms.
  ///   - ranges: where the numbers are drawn from.
  ///   - indices: whole numbers that it takes besides.
  ///   - masks: shapes of masks that it takes besides.
  ///   - order: how often it can be differentiated.
  package init(
    _ name: String, _ shapes: [Int]..., also: [[[Int]]] = [], in ranges: [Range<Double>] = [],
    indices: [TableIndices] = [], masks: [[Int]] = [], order: Int = 2, function: @escaping Function
  ) {
    self.init(
      name, shapes: shapes, also: also, in: ranges, indices: indices, masks: masks, order: order, function: function)
  }

  package init(
    _ name: String, shapes: [[Int]], also: [[[Int]]] = [], in ranges: [Range<Double>] = [],
    indices: [TableIndices] = [], masks: [[Int]] = [], order: Int = 2, function: @escaping Function
  ) {
    self.name = name
    forms = [shapes] + also
    (self.ranges, self.indices, self.masks, self.order) = (ranges, indices, masks, order)
    self.function = function
  }

  /// A function of every element by itself.
  package static func elementwise(
    _ name: String, _ range: Range<Double>, order: Int = 2,
    _ function: @escaping @Sendable (Tensor<Double>) -> Tensor<Double>
  ) -> Self {
    var row = Self(
      name, [2, 3], also: [[[]], [[0, 3]], [[2, 3, 5]], [[2, 3, 2, 3]]], in: [range], order: order
    ) { function($0[0]) }
    row.isElementwise = true
    return row
  }

  /// A function of pairs of elements of shapes that broadcast.
  package static func elementwise(
    _ name: String, _ first: Range<Double>, _ second: Range<Double>, order: Int = 2,
    _ function: @escaping @Sendable (Tensor<Double>, Tensor<Double>) -> Tensor<Double>
  ) -> Self {
    let forms: [[[Int]]] = [
      [[2, 3], [3]], [[2, 1], [1, 3]], [[], [2, 2]], [[2, 1, 2], [3, 1]], [[], []], [[0, 3], [0, 3]], [[0, 3], [3]],
      [[2, 3, 2, 3], [2, 3, 2, 3]], [[2, 3, 2, 3], [3, 1, 1]],
    ]
    var row = Self(name, [2, 3], [2, 3], also: forms, in: [first, second], order: order) { function($0[0], $0[1]) }
    row.isElementwise = true
    return row
  }

  /// This row where sums or products round: results of layouts may differ by so much, relative to the largest.
  package func within(_ tolerance: Double) -> Self {
    var row = self
    row.tolerance = tolerance
    return row
  }

  package var description: String { name }

  /// Arguments in a form, always the same.
  package func operands(_ shapes: [[Int]]) -> Operands {
    let generator = RandomGenerator(seed: 7)
    return Operands(
      tensors: shapes.enumerated().map { place, shape in
        place < ranges.count
          ? Tensor(randomUniform: shape, in: ranges[place], generator: generator) : apart(shape, place)
      },
      indices: indices.map { index in
        let count = index.shape.reduce(1, *)
        return Tensor((0..<count).map { ($0 * 7 + 2) % index.bound }, shape: index.shape)
      },
      masks: masks.map { shape in
        Tensor((0..<shape.reduce(1, *)).map { $0 % 5 != 1 && $0 % 7 != 3 }, shape: shape)
      })
  }

  /// Values of both signs, all different, at least 0.04 from each other and from 0: away from kinks and ties.
  private func apart(_ shape: [Int], _ place: Int) -> Tensor<Double> {
    let values = (0..<shape.reduce(1, *)).map { i -> Double in
      let rank = (i * 17 + 5 * place) % 97
      return (rank % 3 == 0 ? -1 : 1) * (0.3 + 0.02 * Double(rank))
    }
    return Tensor(values, shape: shape)
  }

  // MARK: Gradients

  /// Where gradients of first or second order differ from finite differences.
  package var wrongGradients: [String] {
    guard order > 0 else { return [] }
    return forms.compactMap { shapes in
      let count = shapes.reduce(0) { $0 + $1.reduce(1, *) }
      guard count > 0, shapes == forms[0] || count <= 24 else { return nil }
      var operands = operands(shapes)
      let check = checkGradients(at: operands.tensors, order: order) { points in
        operands.tensors = points
        return function(operands)
      }
      return check.passes() ? nil : "\(name) of \(shapes): \(check)"
    }
  }

  /// The names of the operations that are recorded on the way to the result and to its gradients.
  package var recordedNames: Set<String> {
    var operands = operands(forms[0])
    operands.tensors = operands.tensors.map { $0.asVariable() }
    let value = function(operands)
    guard order > 0, value.requiresGradient else { return [] }
    let derivatives = order > 1 ? gradients(of: value.sum(), at: operands.tensors, createGraph: true) : []
    var (names, open): (Set<String>, [Node]) = ([], ([value] + derivatives).compactMap(\.node))
    var seen: Set<ObjectIdentifier> = []
    while let node = open.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      names.insert(node.name)
      open += ([node.first, node.second] + (node.rest ?? [])).compactMap { $0 }
    }
    return names
  }

  // MARK: Layouts

  /// Where results, gradients or their gradients depend on how an operand lies in memory.
  ///
  /// With ``wrongGradients`` on contiguous operands it follows that gradients of both orders are right on every layout.
  package var layoutFailures: [String] { forms.flatMap(layoutFailures) }

  private func layoutFailures(_ shapes: [[Int]]) -> [String] {
    let operands = operands(shapes)
    let expected = outcome(operands)
    // What adds up over broadcast axes is rounded.
    let isExact = tolerance == 0 && isElementwise && shapes.allSatisfy { $0 == shapes[0] }
    let slack = (tolerance, isExact ? 0 : Swift.max(tolerance, 1e-14))
    var failures: [String] = []
    func expect(_ found: Outcome, _ wanted: Outcome, _ label: String) {
      failures += found.differences(from: wanted, slack).map { "\(name) of \(shapes), \(label): \($0)" }
    }
    for (place, (fused, recorded)) in zip(expected.derivatives, expected.recorded).enumerated() {
      let difference = relativeDifference(fused, recorded)
      if !(difference <= Swift.max(tolerance, 1e-13)) {
        failures.append("\(name) of \(shapes): gradient \(place) and the recorded one differ by \(difference)")
      }
    }
    var together: [String: Operands] = [:]
    for place in shapes.indices {
      for layout in everyLayout(operands[place]) {
        var inputs = operands
        inputs.tensors[place] = layout.tensor
        expect(outcome(inputs), expected, "input \(place) \(layout.label)")
        together[layout.label, default: operands].tensors[place] = layout.tensor
      }
      if let repeated = broadcastLayout(operands[place]) {
        var (inputs, whole) = (operands, operands)
        inputs.tensors[place] = repeated.tensor
        whole.tensors[place] = repeated.tensor.contiguous
        expect(outcome(inputs), outcome(whole), "input \(place) \(repeated.label)")
      }
    }
    if shapes.count > 1 {
      for (label, inputs) in together { expect(outcome(inputs), expected, "all inputs \(label)") }
    }
    for place in indices.indices {
      for layout in everyLayout(operands.indices[place]) {
        var inputs = operands
        inputs.indices[place] = layout.tensor
        expect(outcome(inputs), expected, "indices \(place) \(layout.label)")
      }
    }
    for place in masks.indices {
      for layout in everyLayout(operands.masks[place], filler: true) {
        var inputs = operands
        inputs.masks[place] = layout.tensor
        expect(outcome(inputs), expected, "mask \(place) \(layout.label)")
      }
    }
    if order > 0 {
      for layout in everyLayout(cotangent(expected.value.shape)) {
        expect(outcome(operands, cotangent: layout.tensor), expected, "gradient of the result \(layout.label)")
      }
    }
    return failures
  }

  /// Weights between ½ and 1½, so that what is added up does not cancel more than it must.
  private func cotangent(_ shape: [Int]) -> Tensor<Double> {
    let count = shape.reduce(1, *)
    let weights = (0..<count).map { i -> Double in 0.5 + Double(i * 17 % 97) / 97 }
    return Tensor(weights, shape: shape)
  }

  /// The value, its gradients, the same recorded, and the gradients of these.
  private func outcome(_ operands: Operands, cotangent given: Tensor<Double>? = nil) -> Outcome {
    var inputs = operands
    inputs.tensors = operands.tensors.map { $0.asVariable() }
    let value = function(inputs)
    var outcome = Outcome(value: value.detached())
    guard order > 0, value.requiresGradient else { return outcome }
    let cotangent = given ?? cotangent(value.shape)
    outcome.derivatives = gradients(of: value, at: inputs.tensors, gradient: cotangent, retainGraph: true)
    guard order > 1 else { return outcome }
    let recorded = gradients(of: value, at: inputs.tensors, gradient: cotangent, createGraph: true)
    outcome.recorded = recorded.map { $0.detached() }
    let sum = recorded.enumerated().map { ($1 * self.cotangent($1.shape) * Double($0 + 1)).sum() }
      .reduce(Tensor(0)) { $0 + $1 }
    if sum.requiresGradient { outcome.curves = gradients(of: sum, at: inputs.tensors) }
    return outcome
  }
}

private struct Outcome {
  var value: Tensor<Double>
  var derivatives: [Tensor<Double>] = []
  var recorded: [Tensor<Double>] = []
  var curves: [Tensor<Double>] = []

  /// What differs by more than the bounds of values and of gradients allow.
  func differences(from other: Outcome, _ tolerance: (Double, Double)) -> [String] {
    var found: [String] = []
    func compare(_ a: Tensor<Double>, _ b: Tensor<Double>, _ bound: Double, _ what: String) {
      let difference = relativeDifference(a, b)
      if !(difference <= bound) { found.append("\(what) off by \(difference)") }
    }
    compare(value, other.value, tolerance.0, "the value")
    for (what, lists) in [
      ("gradient", (derivatives, other.derivatives)), ("recorded gradient", (recorded, other.recorded)),
      ("second gradient", (curves, other.curves)),
    ] {
      if lists.0.count != lists.1.count { found.append("\(lists.0.count) \(what)s for \(lists.1.count)") }
      for (i, (a, b)) in zip(lists.0, lists.1).enumerated() { compare(a, b, tolerance.1, "\(what) \(i)") }
    }
    return found
  }
}

/// Results one after the other, for operations that have several.
package func joined(_ parts: Tensor<Double>...) -> Tensor<Double> { concatenate(parts.map { $0.flattened() }) }

/// Whole numbers and truths as numbers.
package func number<Scalar: TensorScalar>(_ values: Tensor<Scalar>) -> Tensor<Double> { values.cast(to: Double.self) }
