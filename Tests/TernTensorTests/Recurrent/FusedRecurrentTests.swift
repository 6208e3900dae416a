import TernBackend
import TernTestSupport
import Testing

@testable import TernTensor

/// A layer as one operation, beside the same layer made of recorded operations.
@Suite struct FusedRecurrentTests {
  /// Sizes of a layer; lengths of sequences that are not all of one length.
  struct Layer: Sendable, CustomStringConvertible {
    let unit: RecurrentUnit, gates: Int
    let inputs: Int, hidden: Int, sizes: [Int], batch: Int, directions: Int
    var description: String { "\(unit) \(inputs) → \(hidden), \(sizes), \(directions) directions" }
  }

  /// Small and odd, in panels, packed or not, with divided features or sequences.
  static let layers: [Layer] = [
    (RecurrentUnit.memory, 4), (.gated, 3), (.plain(.tanh), 1), (.plain(.relu), 1),
  ].flatMap { unit, gates in
    [1, 2].flatMap { directions in
      [
        Layer(unit: unit, gates: gates, inputs: 3, hidden: 5, sizes: [2, 2, 2], batch: 2, directions: directions),
        Layer(unit: unit, gates: gates, inputs: 4, hidden: 37, sizes: [9, 7, 7, 2], batch: 10, directions: directions),
        Layer(unit: unit, gates: gates, inputs: 20, hidden: 150, sizes: [20, 20], batch: 20, directions: directions),
        Layer(unit: unit, gates: gates, inputs: 2, hidden: 420, sizes: [3, 3, 1], batch: 3, directions: directions),
      ]
    }
  }

  private func operands(_ layer: Layer) -> RecurrentOperands<Double> {
    let generator = RandomGenerator(seed: 7)
    func draw(_ shape: [Int], _ deviation: Double = 0.5) -> Tensor<Double> {
      Tensor(randomNormal: shape, deviation: deviation, generator: generator).asVariable()
    }
    let (h, small) = (layer.hidden, 1 / Double(layer.hidden).squareRoot())
    let isMemory = layer.gates == 4
    let initial = (0..<layer.directions).map { _ in (0..<(isMemory ? 2 : 1)).map { _ in draw([layer.batch, h]) } }
    let weights = (0..<layer.directions).map { direction in
      RecurrentWeights(
        input: draw([layer.gates * h, layer.inputs]), hidden: draw([layer.gates * h, h], small),
        inputBias: draw([layer.gates * h]), hiddenBias: direction == 0 ? draw([layer.gates * h]) : nil)
    }
    return RecurrentOperands(draw([layer.sizes.reduce(0, +), layer.inputs]), initial, weights)
  }

  /// The results one after the other, and the operands' gradients.
  private func run(_ layer: Layer, fused: Bool) -> [Tensor<Double>] {
    let operands = operands(layer)
    let rows = RecurrentRows(sizes: layer.sizes, batch: layer.batch)
    let found =
      fused
      ? fusedLayer(layer.unit, operands.data, rows, operands.initial, operands.weights)
      : composedLayer(layer.unit, operands.data, rows, operands.initial, operands.weights)
    let results = [found.output] + found.ends.flatMap { $0 }
    let generator = RandomGenerator(seed: 8)
    var loss = Tensor<Double>(0)
    for result in results { loss = loss + (result * Tensor(randomNormal: result.shape, generator: generator)).sum() }
    loss.backward()
    return results.map { $0.detached() } + operands.all.map { $0.gradient ?? Tensor(zeros: $0.shape) }
  }

  @Test("a fused layer and its gradients are the composition's", arguments: layers)
  func composition(layer: Layer) {
    let (fused, composed) = (run(layer, fused: true), run(layer, fused: false))
    #expect(fused.count == composed.count)
    for (index, pair) in zip(fused, composed).enumerated() {
      #expect(relativeDifference(pair.0, pair.1) < 1e-12, "\(index) of \(layer)")
    }
  }

  @Test("any number of threads gives the same bits, and recording changes none", arguments: layers)
  func threads(layer: Layer) {
    let count = Workers.count
    defer { Workers.count = count }
    var all: [[Tensor<Double>]] = []
    for threads in [1, 2, 3] {
      Workers.count = threads
      all.append(run(layer, fused: true))
    }
    for (index, first) in all[0].enumerated() {
      #expect(first == all[1][index] && first == all[2][index], "\(index) of \(layer)")
    }
    let operands = operands(layer)
    let found = withoutGradients {
      fusedLayer(
        layer.unit, operands.data, RecurrentRows(sizes: layer.sizes, batch: layer.batch), operands.initial,
        operands.weights)
    }
    let results = [found.output] + found.ends.flatMap { $0 }
    for (index, result) in results.enumerated() { #expect(result == all[0][index], "\(index) of \(layer)") }
  }

  @Test("only the gradients that are wanted are found, twice where the graph is retained")
  func wanted() {
    let layer = Self.layers[0]
    let all = operands(layer)
    let x = all.data.detached().asVariable()
    let weights = all.weights.map { RecurrentWeights(input: $0.input.detached(), hidden: $0.hidden.detached()) }
    let rows = RecurrentRows(sizes: layer.sizes, batch: layer.batch)
    let y = fusedLayer(layer.unit, x, rows, all.initial.map { $0.map { $0.detached() } }, weights).output.sum()
    y.backward(retainGraph: true)
    let first = x.gradient!
    y.backward()
    #expect(relativeDifference(x.gradient!, first * 2) < 1e-15)
  }

  @Test("gates that are closed hide what is behind them")
  func closed() {
    // An infinite input saturates all gates; the gradients of what is behind them are 0, not NaN.
    let x = Tensor<Double>([.infinity, .infinity], shape: [2, 1]).asVariable()
    for (unit, gates) in [(RecurrentUnit.memory, 4), (.gated, 3), (.plain(.tanh), 1)] {
      let weights = RecurrentWeights(
        input: Tensor<Double>(ones: [gates * 2, 1]).asVariable(), hidden: Tensor(zeros: [gates * 2, 2]))
      let states = (0..<(gates == 4 ? 2 : 1)).map { _ in Tensor<Double>(full: [1, 2], 0.5).asVariable() }
      let rows = RecurrentRows(sizes: [1, 1], batch: 1)
      let fused = fusedLayer(unit, x, rows, [states], [weights])
      let composed = composedLayer(unit, x, rows, [states], [weights])
      #expect(fused.output.detached() == composed.output.detached())
      let found = gradients(of: fused.output.sum(), at: states)
      let expected = gradients(of: composed.output.sum(), at: states)
      #expect(found == expected)
    }
  }

  @Test("products of few rows in each of their forms", arguments: [1, 2, 3, 4, 5, 7, 16, 17, 40, 130])
  func fewRows(m: Int) {
    for (n, k) in [(1, 1), (5, 3), (33, 40), (70, 600)] {
      let generator = RandomGenerator(seed: UInt64(m * n))
      let a = Tensor<Float>(randomNormal: [m, k], generator: generator)
      let b = Tensor<Float>(randomNormal: [n, k], generator: generator)
      let expected = matmul(a.cast(to: Double.self), b.cast(to: Double.self).transposed())
      let turned = b.transposed().contiguous
      let panels = PackedPanels<Float>(k, n)
      let results = (0..<4).map { _ in Tensor<Float>(uninitialized: [m, n]) }
      FewRows.multiply(m, n, k, a.pointer, k, b.pointer, k, results[0].mutablePointer, n)
      Float.packPanels(k, n, panels.memory.mutablePointer, b.pointer, row: 1, column: k)
      Float.panelProduct(m, n, k, a.pointer, k, panels.memory.pointer, results[1].mutablePointer, n, adds: false)
      Float.rowDots(m, n, k, a.pointer, k, b.pointer, k, results[2].mutablePointer, n, adds: false)
      Float.rowSums(m, n, k, a.pointer, k, turned.pointer, n, results[3].mutablePointer, n, adds: false)
      for (index, result) in results.enumerated() {
        #expect(
          relativeDifference(result.cast(to: Double.self), expected) < 2e-6, "form \(index) of [\(m), \(n), \(k)]")
      }
      Float.rowSums(m, n, k, a.pointer, k, turned.pointer, n, results[3].mutablePointer, n, adds: true)
      Float.panelProduct(m, n, k, a.pointer, k, panels.memory.pointer, results[1].mutablePointer, n, adds: true)
      for index in [1, 3] {
        #expect(relativeDifference(results[index].cast(to: Double.self), expected * 2) < 2e-6)
      }
    }
  }
}
