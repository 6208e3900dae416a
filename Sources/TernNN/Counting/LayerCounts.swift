import TernTensor

// How the library's layers count; the table is at ``OperationCounting``.

private func elements(_ shape: [Int]) -> Int { shape.reduce(1, *) }

/// `each` operations for every element.
private func each(_ shape: [Int], _ each: Int) -> OperationCount { OperationCount(others: elements(shape) * each) }

// MARK: - Products

/// A result that is a sum of `terms` products for each of its elements.
private func products(_ output: [Int], terms: Int, bias: Bool) -> OperationCount {
  OperationCount(multiplyAdds: elements(output) * terms, others: bias ? elements(output) : 0)
}

/// A convolution with weights [outputs, inputs / groups, kernel…].
private func convolution(_ output: [Int], _ weight: [Int], bias: Bool) -> OperationCount {
  products(output, terms: elements(Array(weight.dropFirst())), bias: bias)
}

/// A transposed one with weights [inputs, outputs / groups, kernel…].
private func transposed(_ input: [Int], _ output: [Int], _ weight: [Int], bias: Bool) -> OperationCount {
  OperationCount(
    multiplyAdds: elements(input) * elements(Array(weight.dropFirst())), others: bias ? elements(output) : 0)
}

extension Dense: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    products(output, terms: weight.shape[1], bias: bias != nil)
  }
}

extension Conv2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    convolution(output, weight.shape, bias: bias != nil)
  }
}

extension Conv1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    convolution(output, weight.shape, bias: bias != nil)
  }
}

extension ConvTranspose2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    transposed(input, output, weight.shape, bias: bias != nil)
  }
}

extension ConvTranspose1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    transposed(input, output, weight.shape, bias: bias != nil)
  }
}

// MARK: - Normalisations

extension BatchNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, runningMean == nil ? statistical(weight, bias) : 2)
  }
}

/// Operations for an element that is normalised by statistics worked out for it.
private func statistical<Scalar>(_ weight: Parameter<Scalar>?, _ bias: Parameter<Scalar>?) -> Int {
  5 + (weight == nil ? 0 : 1) + (bias == nil ? 0 : 1)
}

extension LayerNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, statistical(weight, bias)) }
}

extension GroupNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, statistical(weight, bias)) }
}

extension InstanceNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, runningMean == nil ? statistical(weight, bias) : 2)
  }
}

extension RMSNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, weight == nil ? 3 : 4) }
}

extension LocalResponseNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, size + 4) }
}

// MARK: - Pooling

extension MaxPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, kernelSize.vertical * kernelSize.horizontal - 1)
  }
}

extension MaxPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, kernelSize - 1) }
}

extension AvgPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, kernelSize.vertical * kernelSize.horizontal)
  }
}

extension AvgPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, kernelSize) }
}

/// The elements in all windows that cut the last `axes` axes into parts, row i covering ⌊i·H/h⌋ up to ⌈(i + 1)·H/h⌉.
private func adaptiveWindows(_ input: [Int], _ output: [Int], axes: Int) -> Int {
  zip(input, output).suffix(axes).reduce(elements(Array(output.dropLast(axes)))) { total, extents in
    let (length, parts) = extents
    return total * (0..<parts).reduce(0) { $0 + (($1 + 1) * length + parts - 1) / parts - $1 * length / parts }
  }
}

extension AdaptiveAvgPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 2))
  }
}

extension AdaptiveAvgPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 1))
  }
}

extension AdaptiveMaxPool2D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 2) - elements(output))
  }
}

extension AdaptiveMaxPool1D: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: adaptiveWindows(input, output, axes: 1) - elements(output))
  }
}

// MARK: - Blocks

extension Residual: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, 1) }
}

extension GhostBottleneck: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount { each(output, 1) }
}

extension SqueezeExcitation: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(input, 2) + each([input[0]], reduce.weight.shape[0] + expand.weight.shape[0])
  }
}
