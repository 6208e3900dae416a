import TernTensor

extension OperationExporters {
  /// Maxima and averages of windows, and resampling.
  static let pooling: [String: Exporter] = [
    "pooling": maxima, "average pooling": resampled, "adaptive average pooling": resampled, "interpolation": resampled,
  ]

  /// Windows along one axis as a pooling operator has them.
  private struct Windows {
    let kernel: Int, stride: Int, dilation: Int, before: Int, after: Int

    /// `nil` where they are not all of one size and distance.
    init?(starts: [Int], ends: [Int], dilation: Int, extent: Int) {
      // Ends are clipped at the padding's: the longest window is whole.
      let reach = zip(starts, ends).map { $1 - $0 }.max() ?? 1
      let stride = starts.count > 1 ? starts[1] - starts[0] : max(1, reach)
      guard stride > 0, starts[0] <= 0, (reach - 1) % dilation == 0 else { return nil }
      for (index, start) in starts.enumerated() {
        guard start == starts[0] + index * stride, ends[index] == start + reach || ends[index] >= extent else {
          return nil
        }
      }
      (kernel, self.stride, self.dilation, before) = ((reach - 1) / dilation + 1, stride, dilation, -starts[0])
      after = max(0, starts[starts.count - 1] + reach - extent)
      if before >= reach || after >= reach { return nil }
    }
  }

  private static let maxima: Exporter = { x throws(Refusal) in
    let axes = x.rank - 2
    guard let extents = Array(x.inputs[0].shape.suffix(axes)).fixed else { throw Refusal("windows along the batch") }
    var (starts, ends, dilations) = ([[Int]](), [[Int]](), [Int]())
    for axis in 0..<axes {
      starts.append(try x.integers("starts of axis \(axis)"))
      ends.append(try x.integers("ends of axis \(axis)"))
      dilations.append(try x.integer("dilation of axis \(axis)"))
    }
    let windows = (0..<axes).compactMap {
      Windows(starts: starts[$0], ends: ends[$0], dilation: dilations[$0], extent: extents[$0])
    }
    if windows.count == axes {
      return x.node(
        "MaxPool", [x.x],
        [
          "kernel_shape": .ints(windows.map { $0.kernel }), "strides": .ints(windows.map { $0.stride }),
          "dilations": .ints(windows.map { $0.dilation }),
          "pads": .ints(windows.map { $0.before } + windows.map { $0.after }),
        ])
    }
    // Windows of several sizes: one slice after the other, axis by axis.
    var result = x.x
    for axis in 0..<axes {
      var parts: [String] = []
      for (start, end) in zip(starts[axis], ends[axis]) {
        let inside = stride(from: start, to: min(end, extents[axis]), by: dilations[axis]).first { $0 >= 0 } ?? 0
        let part = x.node(
          "Slice",
          [
            result, x.integers([inside]), x.integers([min(end, extents[axis])]), x.integers([axis + 2]),
            x.integers([dilations[axis]]),
          ])
        parts.append(x.node("ReduceMax", [part, x.integers([axis + 2])], ["keepdims": .int(1)]))
      }
      result = parts.count == 1 ? parts[0] : x.node("Concat", parts, ["axis": .int(axis + 2)])
    }
    return result
  }

  /// A linear map along the rows and one along the columns: an average of windows where it is one, single elements where
  /// they are copies, else products with the maps as matrices.
  private static let resampled: Exporter = { x throws(Refusal) in
    guard let from = Array(x.inputs[0].shape.suffix(2)).fixed, let to = Array(x.shape.suffix(2)).fixed else {
      throw Refusal("images whose size depends on the batch")
    }
    let maps = [
      ResamplingMatrix(try x.numbers("rows"), outputs: to[0], inputs: from[0]),
      ResamplingMatrix(try x.numbers("columns"), outputs: to[1], inputs: from[1]),
    ]
    if maps.allSatisfy({ $0.isMean }) { return x.node("GlobalAveragePool", [x.x]) }
    if let means = ResamplingMatrix.means(maps) {
      return x.node(
        "AveragePool", [x.x],
        [
          "kernel_shape": .ints(means.kernel), "strides": .ints(means.stride), "pads": .ints(means.pads),
          "count_include_pad": .int(means.countsPadding ? 1 : 0),
        ])
    }
    let copies = maps.compactMap { $0.copies }
    if copies.count == 2 {
      let factors = [to[0] % from[0] == 0 ? to[0] / from[0] : 0, to[1] % from[1] == 0 ? to[1] / from[1] : 0]
      if zip(copies, factors).allSatisfy({ list, factor in
        factor > 0 && list.indices.allSatisfy { list[$0] == $0 / factor }
      }) {
        let scales = x.graph.constant(Tensor<Float>([1, 1, Float(factors[0]), Float(factors[1])]), prefix: "scales")
        return x.node(
          "Resize", [x.x, "", scales],
          [
            "mode": .string("nearest"), "coordinate_transformation_mode": .string("asymmetric"),
            "nearest_mode": .string("floor"),
          ])
      }
    }
    var result = x.x
    for (place, map) in maps.enumerated() where !map.isIdentity {
      if let list = map.copies {
        result = x.node("Gather", [result, x.integers(list)], ["axis": .int(place + 2)])
      } else if place == 0 {
        let matrix = Tensor<Float>(map.values.map { Float($0) }, shape: [map.outputs, map.inputs])
        result = x.node("MatMul", [x.graph.constant(matrix, prefix: "rows"), result])
      } else {
        let matrix = Tensor<Float>(map.values.map { Float($0) }, shape: [map.outputs, map.inputs])
        result = x.node("MatMul", [result, x.graph.constant(matrix.transposed().contiguous, prefix: "columns")])
      }
    }
    return result
  }
}

/// A linear map along one axis.
private struct ResamplingMatrix {
  let values: [Double]
  let outputs: Int, inputs: Int

  init(_ values: [Double], outputs: Int, inputs: Int) {
    (self.values, self.outputs, self.inputs) = (values, outputs, inputs)
  }

  private func row(_ index: Int) -> ArraySlice<Double> { values[index * inputs..<(index + 1) * inputs] }

  var isIdentity: Bool { copies == Array(0..<inputs) }

  /// Whether it is one mean of everything.
  var isMean: Bool { outputs == 1 && row(0).allSatisfy { ($0 * Double(inputs) - 1).magnitude < 1e-12 } }

  /// The input that each output copies; `nil` where they are others.
  var copies: [Int]? {
    var list: [Int] = []
    for index in 0..<outputs {
      let terms = row(index).enumerated().filter { $0.element != 0 }
      guard terms.count == 1, terms[0].element == 1 else { return nil }
      list.append(terms[0].offset)
    }
    return list
  }

  /// Where each output's window begins and ends, and the weight of its inputs; `nil` where weights differ in a window.
  private var windows: [(start: Int, end: Int, weight: Double)]? {
    var windows: [(start: Int, end: Int, weight: Double)] = []
    for index in 0..<outputs {
      let values = Array(row(index))
      guard let start = values.firstIndex(where: { $0 != 0 }), let last = values.lastIndex(where: { $0 != 0 }) else {
        return nil
      }
      guard values[start...last].allSatisfy({ $0 == values[start] }) else { return nil }
      windows.append((start, last + 1, values[start]))
    }
    return windows
  }

  /// Windows of one size and distance whose weights are those of means, for a way to count the padding; the padding in
  /// front and behind.
  private func means(countsPadding: Bool) -> (kernel: Int, stride: Int, before: Int, after: Int)? {
    guard let windows else { return nil }
    let longest = windows.map { $0.end - $0.start }.max()!
    let kernels = countsPadding ? [Int((1 / windows[0].weight).rounded())] : [longest]
    for kernel in kernels where kernel > 0 && kernel >= longest {
      // The first window that lies inside, and the one behind it, tell the distance.
      for before in 0..<max(1, kernel) {
        let stride = windows.count > 1 ? windows[1].end - windows[0].end : kernel
        for stride in Set([stride, windows.count > 1 ? windows[1].start + before : kernel]) where stride > 0 {
          let isRegular = windows.indices.allSatisfy { index in
            let start = index * stride - before
            let (first, last) = (max(0, start), min(inputs, start + kernel))
            let divisor = countsPadding ? kernel : last - first
            let window = windows[index]
            return window.start == first && window.end == last
              && (window.weight * Double(divisor) - 1).magnitude < 1e-12
          }
          let after = max(0, (outputs - 1) * stride - before + kernel - inputs)
          if isRegular && after < kernel { return (kernel, stride, before, after) }
        }
      }
    }
    return nil
  }

  /// Both maps as one average of windows; `nil` where they are none.
  static func means(
    _ maps: [ResamplingMatrix]
  ) -> (kernel: [Int], stride: [Int], pads: [Int], countsPadding: Bool)? {
    for countsPadding in [false, true] {
      let found = maps.compactMap { $0.means(countsPadding: countsPadding) }
      guard found.count == 2 else { continue }
      return (
        found.map { $0.kernel }, found.map { $0.stride }, found.map { $0.before } + found.map { $0.after },
        countsPadding
      )
    }
    return nil
  }
}
