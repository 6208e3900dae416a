import TernBackend

/// Self-attention of several heads whose queries, keys and values lie side by side, as one product makes them: heads are
/// read where they lie, and the gradients written there.
///
/// - Parameters:
///   - packed: [T, N, 3·E] or, batch first, [N, T, 3·E].
///   - settings: terms broadcast to [N, heads, T, T]; the bias is a constant.
/// - Returns: the heads side by side again, [T, N, E] or [N, T, E].
func packedAttention<Scalar: FloatingScalar>(
  _ packed: Tensor<Scalar>, heads: Int, batchFirst: Bool, _ settings: AttentionSettings<Scalar>
) -> Tensor<Scalar> {
  let features = packed.shape[2] / 3
  let (q, k, v) = packed.detached().operand.unpacked(heads, batchFirst)
  let engine = settings.engine(q, v)
  let statistics = Tensor<Scalar>(uninitialized: [2, engine.count, engine.queries])
  var out = Tensor<Scalar>(uninitialized: [packed.shape[0], packed.shape[1], features])
  engine.forward(
    MatrixStack(q), MatrixStack(k), MatrixStack(v), MatrixStack(out.heads(heads, batchFirst)),
    statistics: statistics.mutablePointer)
  if settings.mayHide(out) {
    out = withoutGradients { settings.mean(settings.weightsOfVisible(q, k), v).joiningHeads(batchFirst) }
  }
  let shape = packed.shape
  OperationArguments.note(
    "multiHeadAttention",
    settings.arguments.merging(["heads": .integers([heads]), "batchFirst": .flag(batchFirst)]) { $1 })
  return out.recorded("multiHeadAttention", from: packed, saving: [.first, .output, .asOperands, .roundedOutput]) { d in
    d.send(0) {
      func packed(_ derivatives: (q: Tensor<Scalar>, k: Tensor<Scalar>, v: Tensor<Scalar>)) -> Tensor<Scalar> {
        // [3, N, heads, T, D] to the order of the input.
        let order = batchFirst ? [1, 3, 0, 2, 4] : [3, 1, 0, 2, 4]
        return stack([derivatives.q, derivatives.k, derivatives.v]).permuted(order).reshaped(shape)
      }
      if d.createGraph {
        let (q, k, v) = d.input(0).unpacked(heads, batchFirst)
        return packed(settings.gradients(q, k, v, d.gradient.heads(heads, batchFirst)))
      }
      let derivatives = Tensor<Scalar>(uninitialized: shape)
      let gradient = d.gradient.operand
      let (dq, dk, dv) = derivatives.unpacked(heads, batchFirst)
      if FloatPrecision.multipliesBFloat16(Scalar.self), let waiting = d.firstOperand, let output = d.outputOperand {
        let (q, k, v) = waiting.unpacked(heads, batchFirst)
        settings.engine(dq, dv).backward(
          ReadMatrices(waiting: q), ReadMatrices(waiting: k), ReadMatrices(waiting: v),
          ReadMatrices(waiting: output.heads(heads, batchFirst)), MatrixStack(gradient.heads(heads, batchFirst)),
          statistics: statistics.pointer, MatrixStack(dq), MatrixStack(dk), MatrixStack(dv))
      } else {
        let (q, k, v) = d.input(0).operand.unpacked(heads, batchFirst)
        settings.engine(q, v).backward(
          ReadMatrices(q), ReadMatrices(k), ReadMatrices(v), ReadMatrices(d.output.heads(heads, batchFirst)),
          MatrixStack(gradient.heads(heads, batchFirst)), statistics: statistics.pointer, MatrixStack(dq),
          MatrixStack(dk), MatrixStack(dv))
      }
      if settings.mayHide(derivatives) {
        let (q, k, v) = d.input(0).unpacked(heads, batchFirst)
        return packed(settings.gradientsOfVisible(q, k, v, d.gradient.heads(heads, batchFirst)))
      }
      return derivatives
    }
  }
}

/// Self-attention of [N, T, 3·E], whose parts are queries, keys and values, in bfloat16; `nil` in Float and while operations are
/// watched, where its parts are to run by themselves.
package func packedSelfAttention<Scalar: FloatingScalar>(_ packed: Tensor<Scalar>, heads: Int) -> Tensor<Scalar>? {
  guard FloatPrecision.multipliesBFloat16(Scalar.self), !OperationObservers.isListening else { return nil }
  let width = packed.shape[2] / 3 / heads
  return packedAttention(
    packed, heads: heads, batchFirst: true,
    AttentionSettings(mask: nil, bias: nil, isCausal: false, scale: nil, width: width))
}

extension Tensor {
  /// [T, N, E] (or, batch first, [N, T, E]) as [N, heads, T, E / heads], in the same memory.
  func heads(_ heads: Int, _ batchFirst: Bool) -> Tensor {
    reshaped([shape[0], shape[1], heads, shape[2] / Swift.max(heads, 1)]).permuted(
      batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3])
  }

  /// [N, heads, L, D] as [L, N, heads·D] or, batch first, [N, L, heads·D].
  func joiningHeads(_ batchFirst: Bool) -> Tensor {
    permuted(batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]).flattened(from: 2)
  }

  /// The heads of the queries, keys and values that lie side by side, in the same memory.
  fileprivate func unpacked(_ heads: Int, _ batchFirst: Bool) -> (q: Tensor, k: Tensor, v: Tensor) {
    let features = shape[2] / 3
    func part(_ index: Int) -> Tensor {
      narrowed(axis: 2, start: index * features, length: features).heads(heads, batchFirst)
    }
    return (part(0), part(1), part(2))
  }
}
