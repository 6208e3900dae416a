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

  /// All values; setting them leaves frozen parameters alone.
  var values: Tensor<Double> {
    get { joined { $0.wideValue } }
    nonmutating set {
      for (part, (_, parameter)) in zip(newValue.split(counts), entries) where !parameter.isFrozen {
        parameter.setValue(part.reshaped(parameter.shape))
      }
    }
  }

  /// All gradients, 0 where there is none or the parameter is frozen.
  var gradients: Tensor<Double> { joined { $0.isFrozen ? nil : $0.wideGradient } }

  private func joined(_ part: (any AnyParameter) -> Tensor<Double>?) -> Tensor<Double> {
    concatenate(entries.map { (part($0.parameter) ?? Tensor(zeros: $0.parameter.shape)).flattened() })
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
  /// The value in Double, as a constant.
  var wideValue: Tensor<Double> { typed.value.detached().cast(to: Double.self) }

  /// The gradient in Double, as a constant; `nil` without one.
  var wideGradient: Tensor<Double>? { typed.gradient?.detached().cast(to: Double.self) }

  /// Sets the value to numbers rounded to the parameter's type.
  func setValue(_ value: Tensor<Double>) { typed.value = value.cast(to: Scalar.self) }
}
