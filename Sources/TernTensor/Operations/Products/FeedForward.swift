import TernBackend

// Two linear maps with an activation between them, as transformers have them, where the processor multiplies bfloat16: blocks
// of rows go through both while they are in the cache, and what is between them is in memory only as the backward pass reads
// it, in bfloat16.

/// The function between two linear maps.
package enum FeedForwardActivation: Sendable {
  case relu
  case gelu
  case geluTanh
  case silu

  fileprivate var kernel: UnaryKernel {
    switch self {
    case .relu: .relu
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .silu: .silu
    }
  }

  /// The derivative from the input of the function, times a gradient.
  fileprivate var gradient: BinaryKernel {
    switch self {
    case .relu: .reluGrad
    case .gelu: .geluGrad
    case .geluTanh: .geluTanhGrad
    case .silu: .siluGrad
    }
  }

  /// The function itself, recorded.
  package func callAsFunction<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .relu: x.relu()
    case .gelu: x.gelu()
    case .geluTanh: x.gelu(approximate: .tanh)
    case .silu: x.silu()
    }
  }
}

/// activation(x·Vᵀ + a)·Wᵀ + b, recorded, with the bits of ``linear(_:_:bias:activation:file:line:)``, the activation and another
/// linear map; `nil` where these are to run: without kernels for bfloat16, while operations are watched, where shapes do not fit.
///
/// - Parameters:
///   - x: […, in].
///   - first: V [hidden, in] and a [hidden].
///   - second: W [out, hidden] and b [out].
package func feedForward<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, first: (weight: Tensor<Scalar>, bias: Tensor<Scalar>), activation: FeedForwardActivation,
  second: (weight: Tensor<Scalar>, bias: Tensor<Scalar>)
) -> Tensor<Scalar>? {
  guard FloatPrecision.multipliesBFloat16(Scalar.self), !OperationObservers.isListening, x.rank >= 2, !x.isEmpty,
    first.weight.rank == 2, second.weight.rank == 2, first.weight.shape[1] == x.shape[x.rank - 1],
    second.weight.shape[1] == first.weight.shape[0], first.bias.shape == [first.weight.shape[0]],
    second.bias.shape == [second.weight.shape[0]]
  else { return nil }
  let rows = Layout.product(Array(x.shape.dropLast()))
  // Of a few rows, both products are a matter of the weights.
  guard rows >= 64, first.weight.count >= 4096 else { return nil }
  let shape = x.shape.dropLast() + [second.weight.shape[0]]
  let inputs = [x.reshaped([rows, first.weight.shape[1]]), first.weight, second.weight, first.bias, second.bias]
  let floats = inputs.map { Tensor<Float>(body: $0.body) }
  let isRecorded = Recording.isOn && inputs.contains { $0.node != nil }
  let (result, waiting) = FeedForward(floats[1], floats[2], activation, rows: rows).forward(
    floats[0], biases: (floats[3], floats[4]), keeping: isRecorded)
  let output = Tensor<Scalar>(body: result.body)
  guard let waiting else { return output.reshaped(Array(shape)) }
  return output.recorded(
    "feed forward", fromAll: inputs, saving: [.first, .second, .third, .input(3), .input(4), .asOperands],
    firstOperand: waiting.input
  ) { d in
    if d.createGraph {
      return sendComposedGradients(d, inputs: 5) {
        linear(activation(linear($0[0], $0[1], bias: $0[3])), $0[2], bias: $0[4])
      }
    }
    func float(_ index: Int) -> Tensor<Float> { Tensor(body: d.input(index).body.detached) }
    let gradient = Tensor<Float>(body: d.gradient.body.detached)
    let pass = FeedForward(float(1), float(2), activation, rows: rows)
    d.send(4) { Tensor(body: gradient.columnSums().body) }
    d.send(2) {
      Tensor(body: Tensor<Float>.gemm(MatrixOperand(gradient).flipped, waiting: MatrixOperand(waiting.activated!)).body)
    }
    if !d.retainsGraph { waiting.activated = nil }
    guard d.wants(0) || d.wants(1) || d.wants(3) else { return }
    let found = pass.backward(gradient, waiting, wantsInput: d.wants(0), reusesMemory: !d.retainsGraph)
    d.send(3) { Tensor(body: found.bias.body) }
    if let input = found.input { d.send(0) { Tensor(body: input.body) } }
    d.send(1) {
      Tensor(
        body: Tensor<Float>.gemm(waiting: MatrixOperand(found.hidden).flipped, waiting: MatrixOperand(waiting.input))
          .body)
    }
  }.reshaped(Array(shape))
}

/// What waits for the backward pass.
private final class WaitingRows: @unchecked Sendable {
  let input: Tensor<BFloat16>
  /// What the activation is given and what it gives, [rows, hidden].
  var hidden: Tensor<BFloat16>?
  var activated: Tensor<BFloat16>?

  init(_ input: Tensor<BFloat16>, _ hidden: Tensor<BFloat16>, _ activated: Tensor<BFloat16>) {
    (self.input, self.hidden, self.activated) = (input, hidden, activated)
  }
}

/// The passes of two linear maps.
private struct FeedForward {
  private let first: Tensor<Float>, second: Tensor<Float>
  private let activation: FeedForwardActivation
  private let rows: Int
  private var inputs: Int { first.shape[1] }
  private var hidden: Int { first.shape[0] }
  private var outputs: Int { second.shape[0] }

  /// - Parameters:
  ///   - first: V [hidden, in].
  ///   - second: W [out, hidden].
  ///   - rows: those of x.
  init(_ first: Tensor<Float>, _ second: Tensor<Float>, _ activation: FeedForwardActivation, rows: Int) {
    (self.first, self.second) = (first.detached().contiguous, second.detached().contiguous)
    (self.activation, self.rows) = (activation, rows)
  }

  /// Rows of a block: 256 KB of Floats between the maps, and at least four blocks where each is worth it.
  private var block: Int {
    let fitting = Swift.max(16, 0x10000 / hidden)
    let count = Swift.max((rows + fitting - 1) / fitting, Swift.min(4, rows / 32))
    return ((rows + count - 1) / Swift.max(count, 1) + 7) / 8 * 8
  }

  private func each(_ block: Int, _ body: (_ index: Int, _ first: Int, _ count: Int) -> Void) {
    Workers.run(chunks: (rows + block - 1) / block) { body($0, $0 * block, Swift.min(block, rows - $0 * block)) }
  }

  /// The result, and what the backward pass reads where it is kept.
  func forward(
    _ x: Tensor<Float>, biases: (Tensor<Float>, Tensor<Float>), keeping: Bool
  ) -> (Tensor<Float>, WaitingRows?) {
    let (x, a, b) = (x.detached(), biases.0.detached().contiguous, biases.1.detached().contiguous)
    let source = MatrixOperand(x)
    let right = (packed(first, .transposed), packed(second, .transposed))
    let result = Tensor<Float>(uninitialized: [rows, outputs])
    let waiting =
      keeping
      ? WaitingRows(
        x.roundedOnce, Tensor(uninitialized: [rows, hidden]), Tensor(uninitialized: [rows, hidden])) : nil
    let (out, before, after) = (
      result.mutablePointer, waiting?.hidden?.mutablePointer, waiting?.activated?.mutablePointer
    )
    each(block) { _, first, count in
      BFloat16Products.withWords(BFloat16Products.leftCount(count, Swift.max(inputs, hidden))) { left in
        withScratch(count * hidden, of: Float.self) { between in
          let start = source.tensor.pointer + (source.transpose == .none ? first * source.leading : first)
          BFloat16Products.packLeft(count, inputs, left, source.transpose, OperandPointer(start), source.leading)
          BFloat16Products.multiply(
            m: count, n: hidden, k: inputs, alpha: 1, left, right.0.words, beta: 0, between, ldc: hidden)
          Float.addChannels(count, hidden, between, a.pointer, appliesReLU: false)
          if let before { Float.convert(count * hidden, before + first * hidden, 1, between, 1) }
          Float.unary(activation.kernel, count * hidden, between, 1, between, 1, 0, 0)
          if let after { Float.convert(count * hidden, after + first * hidden, 1, between, 1) }
          BFloat16Products.packLeft(count, hidden, left, .none, OperandPointer(between), hidden)
          let target = out + first * outputs
          BFloat16Products.multiply(
            m: count, n: outputs, k: hidden, alpha: 1, left, right.1.words, beta: 0, target, ldc: outputs)
          Float.addChannels(count, outputs, target, b.pointer, appliesReLU: false)
        }
      }
    }
    withExtendedLifetime((source.tensor, right, a, b)) {}
    return (result, waiting)
  }

  /// The gradients of what is before the activation, rounded, of the first bias, and of x.
  ///
  /// - Parameter reusesMemory: whether that of what waits may be written.
  func backward(
    _ gradient: Tensor<Float>, _ waiting: WaitingRows, wantsInput: Bool, reusesMemory: Bool
  ) -> (hidden: Tensor<BFloat16>, bias: Tensor<Float>, input: Tensor<Float>?) {
    guard let before = waiting.hidden else { fail("feed forward", "the graph was freed") }
    let source = MatrixOperand(gradient)
    let right = (packed(second, .none), wantsInput ? packed(first, .none) : nil)
    let result = reusesMemory ? before : Tensor<BFloat16>(uninitialized: before.shape)
    let input = wantsInput ? Tensor<Float>(uninitialized: [rows, inputs]) : nil
    let sums = RowSums(rows, hidden)
    let (out, values, dx) = (result.mutablePointer, before.pointer, input?.mutablePointer)
    let part = 4096
    each(sums.block ?? block) { index, first, count in
      BFloat16Products.withWords(BFloat16Products.leftCount(count, Swift.max(outputs, hidden))) { left in
        withScratch(count * hidden + part, of: Float.self) { between in
          let start = source.tensor.pointer + (source.transpose == .none ? first * source.leading : first)
          BFloat16Products.packLeft(count, outputs, left, source.transpose, OperandPointer(start), source.leading)
          BFloat16Products.multiply(
            m: count, n: hidden, k: outputs, alpha: 1, left, right.0.words, beta: 0, between, ldc: hidden)
          let widened = between + count * hidden
          for at in stride(from: 0, to: count * hidden, by: part) {
            let length = Swift.min(part, count * hidden - at)
            BFloat16.convert(length, widened, 1, values + first * hidden + at, 1)
            Float.binary(activation.gradient, length, between + at, 1, between + at, 1, widened, 1, 0)
          }
          sums.take(between, index, first, count)
          Float.convert(count * hidden, out + first * hidden, 1, between, 1)
          if let dx, let right = right.1 {
            BFloat16Products.packLeft(count, hidden, left, .none, OperandPointer(between), hidden)
            BFloat16Products.multiply(
              m: count, n: inputs, k: hidden, alpha: 1, left, right.words, beta: 0, dx + first * inputs, ldc: inputs)
          }
        }
      }
    }
    withExtendedLifetime((source.tensor, right, before)) {}
    if reusesMemory { waiting.hidden = nil }
    return (result, sums.result, input)
  }

  /// A weight [n, k] as the right operand: its transpose [k, n], or itself as [n, k].
  private func packed(_ weight: Tensor<Float>, _ transpose: Transpose) -> PackedRight {
    if transpose == .transposed, let kept = weight.packedRight { return kept }
    let (n, k) = (weight.shape[0], weight.shape[1])
    return transpose == .transposed
      ? PackedRight(k, n, .transposed, OperandPointer(weight.pointer), k)
      : PackedRight(n, k, .none, OperandPointer(weight.pointer), k)
  }
}

/// The sums of a matrix's columns whose rows come in blocks, with the bits of ``Tensor/columnSums()``.
private struct RowSums {
  private let columns: Int
  /// The sums of each block; `nil` where rows are few.
  private let partial: Tensor<Double>?
  /// All rows, where they are few.
  private let all: Tensor<Float>?
  /// How many rows a block has to have; `nil` for any number.
  let block: Int?

  init(_ rows: Int, _ columns: Int) {
    self.columns = columns
    let split = rows * columns > 0x8000 ? ReductionBlocks.split(1, rows, columns) : nil
    block = split?.rows
    partial = split.map { Tensor(uninitialized: [$0.count, columns]) }
    all = split == nil ? Tensor(uninitialized: [rows, columns]) : nil
  }

  func take(_ values: UnsafePointer<Float>, _ index: Int, _ first: Int, _ count: Int) {
    if let partial { Float.total(1, count, columns, partial.mutablePointer + index * columns, values) }
    if let all { (all.mutablePointer + first * columns).update(from: values, count: count * columns) }
  }

  var result: Tensor<Float> {
    if let all { return all.columnSums() }
    let (sums, result) = (Tensor<Double>(uninitialized: [columns]), Tensor<Float>(uninitialized: [columns]))
    Double.reduce(.sum, 1, partial!.shape[0], columns, sums.mutablePointer, partial!.pointer)
    Double.convert(columns, result.mutablePointer, 1, sums.pointer, 1)
    withExtendedLifetime((partial, sums)) {}
    return result
  }
}
