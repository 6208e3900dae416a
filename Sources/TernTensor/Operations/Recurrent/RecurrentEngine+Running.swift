import TernBackend

extension RecurrentEngine {
  /// Multiplications of a time.
  private var work: Int { Sizes.saturated(rows.batch * gates * hidden, times: hidden) }
  /// Whether the hidden weights stay in the second cache.
  private var isCached: Bool { gates * hidden * hidden * MemoryLayout<Scalar>.size <= 0x40000 }
  /// Whether the hidden features of each time are divided, not sequences.
  private var dividesFeatures: Bool { directions == 1 && work >= 0x30000 && (rows.batch < 8 || !isCached) }

  // Packing costs about 28 products with a row forward, 12 backward.
  var packsForward: Bool { rows.count >= 28 }
  var packsBackward: Bool { rows.count >= 12 }

  /// The hidden weights [gates·H, H] as panels, for each gate.
  func packedForward(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
    let (width, source) = (Scalar.panelColumns, weight.pointer)
    let count = (hidden + width - 1) / width
    let result = Tensor<Scalar>(uninitialized: [gates * count * width * hidden])
    let out = result.mutablePointer
    Workers.run(count: gates * count, grain: packingGrain) { panels in
      for panel in panels {
        let (gate, first) = (panel / count, panel % count * width)
        Scalar.packPanels(
          hidden, Swift.min(width, hidden - first), out + panel * width * hidden,
          source + (gate * hidden + first) * hidden, row: 1, column: hidden)
      }
    }
    return result
  }

  /// The hidden weights as panels of H columns.
  func packedBackward(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
    let (width, depth, source) = (Scalar.panelColumns, gates * hidden, weight.pointer)
    let count = (hidden + width - 1) / width
    let result = Tensor<Scalar>(uninitialized: [count * width * depth])
    let out = result.mutablePointer
    Workers.run(count: count, grain: Swift.max(1, packingGrain / gates)) { panels in
      let first = panels.lowerBound * width
      Scalar.packPanels(
        depth, Swift.min(panels.upperBound * width, hidden) - first, out + first * depth, source + first, row: hidden,
        column: 1)
    }
    return result
  }

  /// Panels of H rows that a chunk packs.
  private var packingGrain: Int { Swift.max(1, 0x8000 / (Scalar.panelColumns * hidden)) }

  /// What is added to the gates, [columns].
  func gateBias(_ weight: RecurrentWeights<Scalar>) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(zeros: [columns])
    let out = result.mutablePointer
    func add(_ bias: Tensor<Scalar>?, _ from: Int, _ count: Int, to column: Int) {
      guard let bias = bias?.contiguous else { return }
      Scalar.binary(.add, count, out + column, 1, out + column, 1, bias.pointer + from, 1, 1)
      withExtendedLifetime(bias) {}
    }
    for block in blocks { add(weight.inputBias, block.weight, block.count, to: block.column) }
    add(weight.hiddenBias, 0, gates * hidden, to: shift)
    return result
  }

  /// Runs all steps of all directions, calling `body` with a direction, sequences, features and a step.
  func runSteps(
    _ runs: UnsafeBufferPointer<RecurrentDirection>,
    _ body: (UnsafePointer<RecurrentDirection>, RecurrentRange, Int) -> Void
  ) {
    let first = runs.baseAddress!
    if dividesFeatures {
      for step in rows.sizes.indices { divideFeatures { body(first, $0, step) } }
    } else {
      divideSequences { direction, range in
        for step in rows.sizes.indices { body(first + direction, range, step) }
      }
    }
  }

  /// Runs all steps backwards.
  func runBack(_ runs: UnsafeBufferPointer<RecurrentDirection>) {
    let first = runs.baseAddress!
    let steps = rows.sizes.count
    if dividesFeatures {
      divideFeatures { Scalar.recurrentGates(first, $0, step: steps - 1) }
      for step in (0..<steps).reversed() {
        divideFeatures {
          Scalar.recurrentStates(first, $0, step: step)
          if step > 0 { Scalar.recurrentGates(first, $0, step: step - 1) }
        }
      }
    } else {
      divideSequences { direction, range in
        for step in (0..<steps).reversed() {
          Scalar.recurrentGates(first + direction, range, step: step)
          Scalar.recurrentStates(first + direction, range, step: step)
        }
      }
    }
  }

  /// All sequences and some panels of features, on the workers.
  private func divideFeatures(_ body: (RecurrentRange) -> Void) {
    let width = Scalar.panelColumns
    let count = (hidden + width - 1) / width
    let grain = Swift.max(0x18000 / Swift.max(work / count, 1), (count + 7) / 8, 1)
    Workers.run(count: count, grain: grain) { panels in
      let first = panels.lowerBound * width
      body(
        RecurrentRange(
          firstRow: 0, rows: rows.batch, firstUnit: first,
          units: Swift.min(panels.upperBound * width, hidden) - first))
    }
  }

  /// A direction and some sequences, on the workers.
  private func divideSequences(_ body: (Int, RecurrentRange) -> Void) {
    let batch = rows.batch
    // Weights that come from far are read for all sequences at once, where another direction keeps a thread busy.
    let grain = directions > 1 && (batch < 32 || !isCached) ? batch : batch < 8 ? batch : 16
    var length = Swift.max(1, (batch + (batch + grain - 1) / grain - 1) / ((batch + grain - 1) / grain))
    if directions == 1 && batch >= 8 && batch <= 16 { length = (batch + 1) / 2 }
    let parts = (batch + length - 1) / length
    Workers.run(chunks: directions * parts) { chunk in
      let row = chunk % parts * length
      body(
        chunk / parts,
        RecurrentRange(firstRow: row, rows: Swift.min(length, batch - row), firstUnit: 0, units: hidden))
    }
  }
}
