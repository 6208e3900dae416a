import TernBackend

/// A layer of a recurrent network in all its directions, through kernels; nothing here records.
///
/// The input's part of all gates is one product, the hidden values' part one a time, with weights that are packed once. Small
/// layers go through all times on one thread, with a direction or some sequences each; large ones divide the hidden features
/// of each time. Neither changes a bit.
struct RecurrentEngine<Scalar: FloatingScalar>: Sendable {
  let kind: RecurrentStepKind
  let rows: RecurrentRows
  let inputs: Int, hidden: Int, directions: Int

  /// Gates that have weights.
  var gates: Int { kind == .lstm ? 4 : kind == .gru ? 3 : 1 }
  /// Values that a row of gates has, see `RecurrentDirection`.
  var columns: Int { gates == 1 ? hidden : 4 * hidden }
  /// Where the gates begin that the hidden values have a part in.
  var shift: Int { kind == .gru ? hidden : 0 }
  var hasCells: Bool { kind == .lstm }

  /// Rows of the input's weights, and the columns of the gates they make.
  var blocks: [(weight: Int, column: Int, count: Int)] {
    kind == .gru ? [(0, hidden, 2 * hidden), (2 * hidden, 0, hidden)] : [(0, 0, columns)]
  }

  /// What the backward run reads, for each direction.
  struct Saved: Sendable {
    var gates: [Tensor<Scalar>] = []
    var cells: [Tensor<Scalar>] = []
  }

  /// The output, [rows, directions·H], followed by the last cells, [sequences, directions·H], where there are any.
  ///
  /// - Parameters:
  ///   - x: [rows, inputs], contiguous, as the states and weights are.
  ///   - initial: the states of each direction, [sequences, H] each.
  ///   - saves: whether a backward run follows.
  func forward(
    _ x: Tensor<Scalar>, _ weights: [RecurrentWeights<Scalar>], _ initial: [[Tensor<Scalar>]], saves: Bool
  ) -> (result: Tensor<Scalar>, saved: Saved) {
    let width = directions * hidden
    let result = Tensor<Scalar>(uninitialized: [rows.count + (hasCells ? rows.batch : 0), width])
    var saved = Saved()
    var (runs, kept) = ([RecurrentDirection](), [Tensor<Scalar>]())
    for index in 0..<directions {
      let weight = weights[index]
      let gates = Tensor<Scalar>(uninitialized: [rows.count, columns])
      for block in blocks {
        FewRows.multiply(
          rows.count, block.count, inputs, x.pointer, inputs, weight.input.pointer + block.weight * inputs, inputs,
          gates.mutablePointer + block.column, columns)
      }
      let packed = packsForward ? packedForward(weight.hidden) : weight.hidden
      let bias = gateBias(weight)
      var run = direction(index, packed, gates, initial[index], output: result.mutablePointer + index * hidden)
      (run.saves, run.isPacked, run.bias) = (saves, packsForward, UnsafeRawPointer(bias.pointer))
      kept += [packed, bias]
      saved.gates.append(gates)
      if hasCells {
        let cells = Tensor<Scalar>(uninitialized: [saves ? rows.count : rows.batch, hidden])
        if !saves { Scalar.copy(cells.count, cells.mutablePointer, 1, initial[index][1].pointer, 1) }
        run.cells = UnsafeMutableRawPointer(cells.mutablePointer)
        saved.cells.append(cells)
      }
      runs.append(run)
    }
    withSizes(&runs) { runs in
      runSteps(runs) { run, range, step in Scalar.recurrentForward(run, range, step: step) }
    }
    if hasCells {
      let out = result.mutablePointer + rows.count * width
      for index in 0..<directions {
        let (cells, first) = (saved.cells[index].pointer, initial[index][1].pointer)
        let last = saves ? rows.lastRows(reversed: index == 1) : []
        for row in 0..<rows.batch {
          let source =
            !saves ? cells + row * hidden : row < last.count ? cells + last[row] * hidden : first + row * hidden
          Scalar.copy(hidden, out + row * width + index * hidden, 1, source, 1)
        }
      }
    }
    withExtendedLifetime((x, weights, initial, kept, saved, result)) {}
    return (result, saves ? saved : Saved())
  }

  /// The gradients of the gates before their functions, [rows, columns] for each direction, and those of the initial states.
  ///
  /// - Parameter gradient: of the result of `forward`, contiguous.
  func backward(
    _ result: Tensor<Scalar>, _ gradient: Tensor<Scalar>, _ saved: Saved, _ weights: [RecurrentWeights<Scalar>],
    _ initial: [[Tensor<Scalar>]]
  ) -> (gates: [Tensor<Scalar>], states: [[Tensor<Scalar>]]) {
    let width = directions * hidden
    var (runs, kept, all, states) = (
      [RecurrentDirection](), [Tensor<Scalar>](), [Tensor<Scalar>](), [[Tensor<Scalar>]]()
    )
    for index in 0..<directions {
      let packed = packsBackward ? packedBackward(weights[index].hidden) : weights[index].hidden
      let gates = Tensor<Scalar>(uninitialized: [rows.count, columns])
      let hiddenGradient = Tensor<Scalar>(zeros: [rows.batch, hidden])
      var run = direction(
        index, packed, saved.gates[index], initial[index], output: result.mutablePointer + index * hidden)
      (run.saves, run.isPacked) = (true, packsBackward)
      run.outputGradient = UnsafeRawPointer(gradient.pointer + index * hidden)
      run.gateGradients = UnsafeMutableRawPointer(gates.mutablePointer)
      run.hiddenGradient = UnsafeMutableRawPointer(hiddenGradient.mutablePointer)
      var ends = [hiddenGradient]
      if hasCells {
        let cells = Tensor<Scalar>(uninitialized: [rows.batch, hidden])
        Scalar.copy2D(
          rows.batch, hidden, cells.mutablePointer, hidden, 1,
          gradient.pointer + rows.count * width + index * hidden, width, 1)
        run.cells = UnsafeMutableRawPointer(saved.cells[index].mutablePointer)
        run.cellGradient = UnsafeMutableRawPointer(cells.mutablePointer)
        ends.append(cells)
      }
      kept.append(packed)
      all.append(gates)
      states.append(ends)
      runs.append(run)
    }
    withSizes(&runs) { runs in runBack(runs) }
    withExtendedLifetime((result, gradient, saved, weights, initial, kept, all, states)) {}
    return (all, states)
  }

  /// A direction whose fields that only one run has are empty.
  private func direction(
    _ index: Int, _ weights: Tensor<Scalar>, _ gates: Tensor<Scalar>, _ initial: [Tensor<Scalar>],
    output: UnsafeMutablePointer<Scalar>
  ) -> RecurrentDirection {
    let weights = UnsafeRawPointer(weights.pointer)
    return rows.sizes.withUnsafeBufferPointer { none in
      RecurrentDirection(
        kind: kind, reversed: index == 1, saves: false, isPacked: false, hidden: hidden, columns: columns,
        steps: rows.sizes.count, sizes: none.baseAddress!, offsets: none.baseAddress!, weights: weights, bias: weights,
        gates: UnsafeMutableRawPointer(gates.mutablePointer), initialHidden: UnsafeRawPointer(initial[0].pointer),
        initialCell: hasCells ? UnsafeRawPointer(initial[1].pointer) : nil, cells: nil,
        output: UnsafeMutableRawPointer(output), outputGradient: nil, outputRow: directions * hidden,
        outputGradientRow: directions * hidden, gateGradients: nil, hiddenGradient: nil, cellGradient: nil)
    }
  }

  /// Puts the sizes into the runs for as long as `body` takes.
  private func withSizes(
    _ runs: inout [RecurrentDirection], _ body: (UnsafeBufferPointer<RecurrentDirection>) -> Void
  ) {
    rows.sizes.withUnsafeBufferPointer { sizes in
      rows.offsets.withUnsafeBufferPointer { offsets in
        for index in runs.indices {
          (runs[index].sizes, runs[index].offsets) = (sizes.baseAddress!, offsets.baseAddress!)
        }
        runs.withUnsafeBufferPointer(body)
      }
    }
  }
}
