import Foundation
import TernBackend
import TernTensor

/// Makes the gradients of a model, or of some parameters, shorter where all of them together are longer than a limit, as `clip_grad_norm_`.
///
/// With the norm G = (Σ |g|ᵖ)^(1/p) over all gradients, each is multiplied by min(1, limit/(G + 10⁻⁶)). Infinite elements
/// share the limit, and leave 0 to the others. An infinite limit changes nothing.
///
/// - Parameters:
///   - model: whose gradients; parameters without one count for nothing.
///   - norm: the limit, at least 0.
///   - order: p, above 0; 2 is the length, infinity the largest element.
/// - Returns: G, before the gradients were shortened; ∞ where it leaves the range of Double.
@discardableResult
public func clipGradients(
  of model: some ParameterSource, norm: Double, order: Double = 2, file: StaticString = #fileID, line: UInt = #line
) -> Double {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(norm >= 0 && order > 0, "clipGradients", "a norm of \(norm) and order \(order)")
  let parameters = model.parameters
  let total = gradientNorm(of: model, order: order)
  if norm == .infinity { return total }
  if total == .infinity {
    parameters.shortenInfinite(to: norm, order)
    return total
  }
  let factor = norm / (total + 1e-6)
  // A total that is NaN goes on into the gradients, as in PyTorch.
  if factor >= 1 { return total }
  parameters.changeGradients(.scaled(by: factor))
  return total
}

/// Makes the gradients of a model, or of some parameters, shorter by a norm that is known, as `clip_grads_with_norm_`.
///
/// Each is multiplied by min(1, limit/(total + 10⁻⁶)): of several models, or of the parts of one model on several ranks, whose
/// norms together are the total. ``gradientNorm(of:order:file:line:)`` computes it.
///
/// ```swift
/// let total = (gradientNorm(of: actor) * gradientNorm(of: actor) + gradientNorm(of: critic) * gradientNorm(of: critic))
///   .squareRoot()
/// clipGradients(of: actor, norm: 1, total: total)
/// clipGradients(of: critic, norm: 1, total: total)
/// ```
///
/// - Parameters:
///   - model: whose gradients; parameters without one count for nothing.
///   - norm: the limit, at least 0; an infinite one changes nothing.
///   - total: the norm that the limit is for, at least 0. Infinite, finite elements become 0 and infinite ones NaN; NaN goes
///     on into the gradients.
public func clipGradients(
  of model: some ParameterSource, norm: Double, total: Double, file: StaticString = #fileID, line: UInt = #line
) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(norm >= 0, "clipGradients", "a norm of \(norm)")
  check(!(total < 0), "clipGradients", "a total of \(total), expected at least 0")
  if norm == .infinity { return }
  let factor = norm / (total + 1e-6)
  if factor >= 1 { return }
  model.parameters.changeGradients(.scaled(by: factor))
}

/// (Σ |g|ᵖ)^(1/p) over all gradients of a model, or of some parameters, as `get_total_norm`; 0 where there are none.
///
/// - Parameters:
///   - model: whose gradients; parameters without one count for nothing.
///   - order: p, above 0; 2 is the length, infinity the largest element.
/// - Returns: the norm; ∞ where it leaves the range of Double.
public func gradientNorm(
  of model: some ParameterSource, order: Double = 2, file: StaticString = #fileID, line: UInt = #line
) -> Double {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(order > 0, "gradientNorm", "order \(order), expected a number above 0")
  let norms = model.parameters.gradientNorms(order)
  return norms.isEmpty ? 0 : withoutGradients { Tensor(norms).norm(order).item }
}

/// Brings every element of the gradients of a model, or of some parameters, into ±limit, as `clip_grad_value_`.
public func clipGradients(
  of model: some ParameterSource, value limit: Double, file: StaticString = #fileID, line: UInt = #line
) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(limit >= 0, "clipGradients", "a limit of \(limit)")
  model.parameters.changeGradients(.clamped(to: limit))
}

/// What is done to every element of a gradient.
private enum GradientChange {
  case scaled(by: Double)
  case clamped(to: Double)

  /// Writes n changed elements of `x` to `out`, which may be `x`.
  @inline(__always) func apply<Scalar: FloatingScalar>(
    _ n: Int, _ out: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>
  ) {
    switch self {
    case .scaled(let factor): Scalar.unary(.mulScalar, n, out, 1, x, 1, Scalar(factor), 0)
    case .clamped(let limit): Scalar.unary(.clamp, n, out, 1, x, 1, -Scalar(limit), Scalar(limit))
    }
  }

  /// The changed elements of a gradient that lies with gaps, or is to become smaller than normal numbers.
  func changed<Scalar: FloatingScalar>(_ gradient: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .scaled(let factor): gradient.scaled(by: factor)
    case .clamped(let limit): gradient.clamped(min: -Scalar(limit), max: Scalar(limit))
    }
  }

  /// Whether elements can be changed one by one in the scalar type.
  func isDirect<Scalar: FloatingScalar>(_: Scalar.Type) -> Bool {
    if case .scaled(let factor) = self { return !(factor < Scalar.leastNormalMagnitude.number) }
    return true
  }
}

extension [any AnyParameter] {
  /// The norms of the gradients in the order of the parameters, without those that have none.
  func gradientNorms(_ order: Double) -> [Double] {
    if order != 2 { return compactMap { parameter in parameter.gradientNorm(order) } }
    let gradients = compactMap { parameter in parameter.constantGradient }
    var norms = [Double](repeating: 0, count: gradients.count)
    writeLengths(of: gradients, Float.self, to: &norms)
    writeLengths(of: gradients, Double.self, to: &norms)
    return norms
  }

  /// Changes every gradient, in place where nothing else holds its memory: one pass over all of them.
  fileprivate func changeGradients(_ change: GradientChange) {
    withoutGradients {
      changeGradients(change, Float.self)
      changeGradients(change, Double.self)
    }
  }

  private func changeGradients<Scalar: FloatingScalar>(_ change: GradientChange, _: Scalar.Type) {
    var entries: [(parameter: Parameter<Scalar>, source: Tensor<Scalar>, result: Tensor<Scalar>)] = []
    var buffers = JoinedBuffers()
    for case let parameter as Parameter<Scalar> in self {
      guard var gradient = parameter.takeGradient() else { continue }
      if change.isDirect(Scalar.self), gradient.layout.isDense {
        let result = gradient.body.isUnique() ? gradient : Tensor(uninitialized: gradient.layout)
        entries.append((parameter, gradient, result))
        buffers.append(gradient.count)
      } else {
        parameter.gradient = change.changed(gradient)
      }
    }
    entries.withUnsafeBufferPointer { entries in
      buffers.run { index, range in
        let (_, source, result) = entries[index]
        change.apply(range.count, result.mutablePointer + range.lowerBound, source.pointer + range.lowerBound)
      }
    }
    for entry in entries { entry.parameter.gradient = entry.result }
  }

  /// Brings gradients whose norm is infinite to a limit: those that are infinite share it, else all keep their directions.
  fileprivate func shortenInfinite(to norm: Double, _ order: Double) {
    let gradients = withoutGradients { compactMap { parameter in parameter.wideGradient } }
    let infinite = gradients.reduce(0) { $0 + $1.isInfinite().countNonZero().item }
    // A share where elements are infinite, else what multiplies the elements once they are divided by the greatest.
    var (share, greatest, factor) = (0.0, 1.0, 0.0)
    if infinite > 0 {
      share = norm / pow(Double(infinite), 1 / order)
    } else {
      greatest = gradients.reduce(0) { $1.isEmpty ? $0 : Swift.max($0, $1.abs().max().item) }
      factor = norm / Tensor(gradients.map { ($0 / greatest).norm(order).item }).norm(order).item
    }
    func shortened(_ gradient: Tensor<Double>) -> Tensor<Double> {
      infinite > 0 ? select(gradient.isInfinite(), gradient.sign() * share, 0) : gradient / greatest * factor
    }
    for parameter in self { parameter.changeWideGradient(shortened) }
  }
}

extension AnyParameter {
  /// The norm of the gradient, also where it is beyond the range of the type; `nil` without a gradient.
  func gradientNorm(_ order: Double) -> Double? { typed.gradient?.detached().wideNorm(order) }

  /// Changes the gradient by a function of its values in Double.
  fileprivate func changeWideGradient(_ change: (Tensor<Double>) -> Tensor<Double>) {
    typed.changeGradient { change($0.cast(to: Double.self)).cast(to: Scalar.self) }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The norm, also where it is beyond the range of the type.
  fileprivate func wideNorm(_ order: Double) -> Double {
    let norm = self.norm(order).item.number
    return norm == .infinity ? cast(to: Double.self).norm(order).item : norm
  }

  /// The product with a number that may lie below the range of the type.
  fileprivate func scaled(by factor: Double) -> Tensor {
    factor < Scalar.leastNormalMagnitude.number
      ? (cast(to: Double.self) * factor).cast(to: Scalar.self) : self * Scalar(factor)
  }
}

extension Parameter {
  fileprivate func changeGradient(_ change: (Tensor<Scalar>) -> Tensor<Scalar>) {
    if let received = gradient { gradient = withoutGradients { change(received.detached()) } }
  }

  /// Takes the gradient away as a constant, which is then the caller's alone if nobody else held it.
  fileprivate func takeGradient() -> Tensor<Scalar>? {
    let taken = gradient?.detached()
    gradient = nil
    return taken
  }
}

/// Writes the Euclidean norm of every tensor of a scalar type, in one pass over all: the squares of each block are added up as in
/// ``Tensor/norm(_:along:keepingAxes:file:line:)``, so that the bits are the same.
private func writeLengths<Scalar: FloatingScalar>(of bodies: [TensorBody], _: Scalar.Type, to norms: inout [Double]) {
  var blocks: [(x: UnsafePointer<Scalar>, count: Int)] = []
  var owners: [(index: Int, blocks: Range<Int>)] = []
  // Chunks of many small blocks are as long as those of one large tensor.
  var chunks = [0]
  var length = 0
  for (index, body) in bodies.enumerated() where body.dtype == Scalar.dtype {
    let x = Tensor<Scalar>(body: body)
    if !x.layout.isDense || x.isEmpty {
      norms[index] = withoutGradients { x.wideNorm(2) }
      continue
    }
    let (count, rows) = ReductionBlocks.split(1, x.count, 1) ?? (1, x.count)
    owners.append((index, blocks.count..<blocks.count + count))
    for block in 0..<count {
      let size = min(rows, x.count - block * rows)
      if length > 0, length + size > StridedLoop.grain {
        chunks.append(blocks.count)
        length = 0
      }
      blocks.append((x.pointer + block * rows, size))
      length += size
    }
  }
  if blocks.isEmpty { return }
  chunks.append(blocks.count)
  withUnsafeTemporaryAllocation(of: Scalar.self, capacity: blocks.count) { sums in
    let sum = sums.baseAddress!
    Workers.run(chunks: chunks.count - 1) { chunk in
      for block in chunks[chunk]..<chunks[chunk + 1] {
        Scalar.reduce(.sumOfSquares, 1, blocks[block].count, 1, sum + block, blocks[block].x)
      }
    }
    for owner in owners {
      var total = sum[owner.blocks.lowerBound]
      if owner.blocks.count > 1 {
        Scalar.reduce(.sum, 1, owner.blocks.count, 1, &total, sum + owner.blocks.lowerBound)
      }
      let isSafe = total >= Scalar.leastNormalMagnitude / Scalar.ulpOfOne && total <= .greatestFiniteMagnitude
      norms[owner.index] =
        isSafe
        ? total.squareRoot().number : withoutGradients { Tensor<Scalar>(body: bodies[owner.index]).wideNorm(2) }
    }
  }
  withExtendedLifetime(bodies) {}
}
