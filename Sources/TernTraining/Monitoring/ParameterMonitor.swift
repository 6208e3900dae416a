import TernBackend
import TernNN
import TernTensor

/// A number of a parameter.
public struct ParameterStatistic: Sendable, Hashable {
  /// The parameter's name.
  public var name: String
  /// The number.
  public var value: Double
}

/// The length √Σg² of each parameter's gradient, in the order of declaration; parameters without one are left out.
public func gradientNorms(of model: some ParameterSource, file: StaticString = #fileID, line: UInt = #line)
  -> [ParameterStatistic]
{
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return model.namedParameters.compactMap { name, parameter in
    gradientLength(parameter).map { ParameterStatistic(name: name, value: $0) }
  }
}

/// How far each parameter moved since a moment, in proportion to its size then: |Δw|/|w|, lengths of all its values.
///
/// ```swift
/// let monitor = UpdateMonitor(model)
/// optimizer.step()
/// for parameter in monitor.ratios { print(parameter.name, parameter.value) }
/// ```
///
/// Keeping the values costs no copy at that moment; the step that follows makes one, since they are still wanted.
public final class UpdateMonitor {
  private let ratio: [(name: String, value: () -> Double)]

  /// Remembers the values of the parameters that are not frozen.
  public init(_ model: some ParameterSource, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    ratio = model.namedParameters.filter { !$0.parameter.isFrozen }.map { name, parameter in
      (name, UpdateMonitor.ratio(parameter))
    }
  }

  private static func ratio(_ parameter: some AnyParameter) -> () -> Double {
    let parameter = parameter.typed
    let before = withoutGradients { parameter.value.contiguous }
    return {
      withoutGradients {
        let now = parameter.value.contiguous
        let (change, size) = squares(now, before)
        return change == 0 ? 0 : change.squareRoot() / size.squareRoot()
      }
    }
  }

  /// |Δw|/|w| of each parameter, in the order of declaration: 0 for one that did not move, infinity for one that was 0.
  public var ratios: [ParameterStatistic] { ratio.map { ParameterStatistic(name: $0.name, value: $0.value()) } }
}

private func gradientLength(_ parameter: some AnyParameter) -> Double? {
  parameter.typed.gradient.map { length($0) }
}

/// √Σx².
private func length<Scalar: FloatingScalar>(_ values: Tensor<Scalar>) -> Double {
  let dense = withoutGradients { values.detached().contiguous }
  // In Double, where squares of small numbers are not lost.
  return dense.withUnsafeScalars { x in
    sum(x.count) { range in
      var sums = SIMD8<Double>.zero
      for index in range { sums[index & 7] += x[index].number * x[index].number }
      return SIMD2(sums.sum(), 0)
    }.x
  }.squareRoot()
}

/// Σ(x − y)² and Σy².
private func squares<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> (change: Double, size: Double)
{
  x.withUnsafeScalars { x in
    y.withUnsafeScalars { y in
      let total = sum(x.count) { range in
        var (changes, sizes) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        for index in range {
          let (change, size) = ((x[index] - y[index]).number, y[index].number)
          changes[index & 7] += change * change
          sizes[index & 7] += size * size
        }
        return SIMD2(changes.sum(), sizes.sum())
      }
      return (total.x, total.y)
    }
  }
}

/// Sums over ranges of one length, added in order: the same bits on any number of threads.
private func sum(_ count: Int, _ part: (Range<Int>) -> SIMD2<Double>) -> SIMD2<Double> {
  let length = 1 << 15
  let chunks = (count + length - 1) / length
  if chunks <= 1 { return part(0..<count) }
  return withUnsafeTemporaryAllocation(of: SIMD2<Double>.self, capacity: chunks) { parts in
    nonisolated(unsafe) let parts = parts
    Workers.run(chunks: chunks) { chunk in
      parts[chunk] = part(chunk * length..<min((chunk + 1) * length, count))
    }
    return parts.reduce(.zero, +)
  }
}
