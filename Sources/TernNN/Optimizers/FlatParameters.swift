import TernBackend
import TernTensor

/// The parameters of a source as one long vector, in Double whatever their types.
struct FlatParameters {
  let entries: [(name: String, parameter: any AnyParameter)]
  /// How many values each has.
  let counts: [Int]

  init(_ source: some ParameterSource) {
    entries = source.namedParameters
    requireDistinct(entries, "LBFGS")
    counts = entries.map { $0.parameter.count }
  }

  /// All values.
  var values: Tensor<Double> { joined { $0.constantValue } }

  /// All gradients, 0 where there is none or the parameter is frozen.
  var gradients: Tensor<Double> { joined { $0.isFrozen ? nil : $0.constantGradient } }

  /// Sets all values to start + step·direction; frozen parameters are left alone.
  func move(from start: Tensor<Double>, along direction: Tensor<Double>, by step: Double) {
    var at = 0
    for ((_, parameter), count) in zip(entries, counts) {
      if !parameter.isFrozen { parameter.move(from: start.pointer + at, along: direction.pointer + at, by: step) }
      at += count
    }
    withExtendedLifetime((start, direction)) {}
  }

  private func joined(_ part: (any AnyParameter) -> TensorBody?) -> Tensor<Double> {
    Tensor(shape: [counts.reduce(0, +)]) { out in
      var out = out
      for ((_, parameter), count) in zip(entries, counts) {
        if let body = part(parameter) {
          parameter.widen(body, to: out)
        } else {
          out.update(repeating: 0, count: count)
        }
        out += count
      }
    }
  }

  /// A vector under the parameters' names: `weight/direction`.
  func named(_ vector: Tensor<Double>, _ kind: String) -> [StateEntry] {
    zip(vector.split(counts), entries).map { part, entry in
      StateEntry(name: "\(entry.name)/\(kind)", part.reshaped(entry.parameter.shape).copied())
    }
  }

  /// The vector that ``named(_:_:)`` took apart.
  func vector(_ kind: String, _ reader: inout StateReader) -> Tensor<Double> {
    var parts: [Tensor<Double>] = []
    for (name, parameter) in entries {
      let body = reader.tensor("\(name)/\(kind)", parameter.shape, .float64)
      let fits = body.map { $0.layout.shape == parameter.shape && $0.dtype == .float64 } ?? false
      parts.append((fits ? Tensor(body: body!) : Tensor(zeros: parameter.shape)).flattened())
    }
    return concatenate(parts)
  }
}

extension AnyParameter {
  /// The value as a constant.
  fileprivate var constantValue: TensorBody { withoutGradients { typed.value.body } }

  /// The gradient as a constant; `nil` without one.
  var constantGradient: TensorBody? { typed.gradient?.body.detached }

  /// The gradient in Double, as a constant; `nil` without one.
  var wideGradient: Tensor<Double>? { typed.gradient?.detached().cast(to: Double.self) }

  /// Writes values of the parameter's type in Double.
  fileprivate func widen(_ body: TensorBody, to out: UnsafeMutablePointer<Double>) {
    let values = withoutGradients { Tensor<Scalar>(body: body.detached).contiguous }
    Workers.run(count: values.count, grain: StridedLoop.grain) { writeWide(values.pointer, out, $0) }
    withExtendedLifetime(values) {}
  }

  fileprivate func move(
    from start: UnsafePointer<Double>, along direction: UnsafePointer<Double>, by step: Double
  ) {
    typed.update { value in
      if !value.layout.isContiguous { value = value.contiguous.copied() }
      let out = value.mutablePointer
      Workers.run(count: value.count, grain: StridedLoop.grain) { writeMoved(start, direction, step, out, $0) }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func writeWide<Scalar: FloatingScalar>(
  _ x: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Double>, _ range: Range<Int>
) {
  for i in range { out[i] = x[i].number }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func writeMoved<Scalar: FloatingScalar>(
  _ start: UnsafePointer<Double>, _ direction: UnsafePointer<Double>, _ step: Double,
  _ out: UnsafeMutablePointer<Scalar>, _ range: Range<Int>
) {
  for i in range { out[i] = Scalar(start[i] + direction[i] * step) }
}
