import TernTensor

// How activations, and what only moves values, count; the table is at ``OperationCounting``. Conformances stand in the files
// of their types: in another one they are left out where a program is linked from an archive.

/// A layer that does as much for every element of its result.
protocol CountedByElement: OperationCounting {
  /// Operations for an element of the result.
  var operationsPerElement: Int { get }
}

extension CountedByElement {
  /// One, whatever the function.
  var operationsPerElement: Int { 1 }

  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: output.reduce(operationsPerElement, *))
  }
}

/// A layer that hands values on in evaluation, at most to other places.
protocol CountedAsNothing: CountedByElement {}

extension CountedAsNothing {
  var operationsPerElement: Int { 0 }
}
