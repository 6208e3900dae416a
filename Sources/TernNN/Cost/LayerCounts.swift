import TernBackend
import TernTensor

// How the library's layers count; the table is at ``OperationCounting``.

extension OperationCounting {
  /// The number of elements.
  func elements(_ shape: [Int]) -> Int { shape.reduce(1) { Sizes.saturated($0, times: $1) } }

  /// `each` operations for every element.
  func each(_ shape: [Int], _ each: Int) -> OperationCount {
    OperationCount(others: Sizes.saturated(elements(shape), times: each))
  }

  /// A result that is a sum of `terms` products for each of its elements.
  func products(_ output: [Int], terms: Int, bias: Bool) -> OperationCount {
    OperationCount(multiplyAdds: Sizes.saturated(elements(output), times: terms), others: bias ? elements(output) : 0)
  }

  /// A convolution with weights [outputs, inputs / groups, kernel…].
  func convolution(_ output: [Int], _ weight: [Int], bias: Bool) -> OperationCount {
    products(output, terms: elements(Array(weight.dropFirst())), bias: bias)
  }

  /// A transposed one with weights [inputs, outputs / groups, kernel…].
  func transposed(_ input: [Int], _ output: [Int], _ weight: [Int], bias: Bool) -> OperationCount {
    OperationCount(
      multiplyAdds: Sizes.saturated(elements(input), times: elements(Array(weight.dropFirst()))),
      others: bias ? elements(output) : 0)
  }

  /// Operations for an element that is normalized by statistics worked out for it.
  func statistical<Scalar>(_ weight: Parameter<Scalar>?, _ bias: Parameter<Scalar>?) -> Int {
    5 + (weight == nil ? 0 : 1) + (bias == nil ? 0 : 1)
  }

  /// The elements in all windows that split the last `axes` axes into parts, row i covering ⌊i·H/h⌋ up to ⌈(i + 1)·H/h⌉.
  func adaptiveWindows(_ input: [Int], _ output: [Int], axes: Int) -> Int {
    zip(input, output).suffix(axes).reduce(elements(Array(output.dropLast(axes)))) { total, extents in
      let (length, parts) = extents
      return total * (0..<parts).reduce(0) { $0 + (($1 + 1) * length + parts - 1) / parts - $1 * length / parts }
    }
  }
}
