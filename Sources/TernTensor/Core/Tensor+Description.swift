/// How a tensor is printed: NumPy's rules with its default options.
private enum Printing {
  /// More elements than these are not all printed.
  static let threshold = 1000
  /// What is printed then of each end of an axis.
  static let edge = 3
  static let lineWidth = 75
  /// Tensors of more axes are not printed in brackets.
  static let mostAxes = 256
}

extension Tensor: CustomStringConvertible {
  /// The elements in nested brackets and aligned columns, as NumPy prints them; `true` and `false` as Swift does.
  ///
  /// Numbers have as many digits as tell them apart, 8 after the point at most; all are in scientific notation when the
  /// largest is 10⁸ or more (10⁶ in Float), the smallest below 10⁻⁴, or their ratio above 1000. Of more than 1000
  /// elements the first and last 3 of each axis are printed.
  public var description: String {
    if isEmpty { return "[]" }
    if rank > Printing.mostAxes {
      let first = withExtendedLifetime(self) { ElementFormat.plain(pointer.pointee) }
      return "[\(first)\(count > 1 ? " ..." : "")] (\(rank) axes, \(count) element\(count > 1 ? "s" : ""))"
    }
    let shown = shape.map { extent -> [Int?] in
      let isTruncated = count > Printing.threshold && extent > 2 * Printing.edge
      if !isTruncated { return Array(0..<extent) }
      return Array(0..<Printing.edge) + [nil] + Array(extent - Printing.edge..<extent)
    }
    return withExtendedLifetime(self) {
      var values: [Scalar] = []
      collect(shown, 0, 0, &values)
      if rank == 0 { return ElementFormat.plain(values[0]) }
      var words = ElementFormat.aligned(values)[...]
      return text(shown[...], &words, indent: " ", width: Printing.lineWidth)
    }
  }

  /// The elements that are printed, in row-major order.
  private func collect(_ shown: [[Int?]], _ axis: Int, _ offset: Int, _ values: inout [Scalar]) {
    guard axis < rank else { return values.append(pointer[offset]) }
    for case let index? in shown[axis] {
      collect(shown, axis + 1, offset + index * layout.strides[axis], &values)
    }
  }

  /// The axes left in brackets; words are taken from the front.
  private func text(
    _ shown: ArraySlice<[Int?]>, _ words: inout ArraySlice<String>, indent: String, width: Int
  ) -> String {
    let entries = shown.first!
    if shown.count == 1 {
      return row(entries.map { $0 == nil ? "..." : words.removeFirst() }, indent: indent, width: width - 1)
    }
    let parts = entries.map { entry in
      entry == nil ? "..." : text(shown.dropFirst(), &words, indent: indent + " ", width: width - 1)
    }
    return "[" + parts.joined(separator: String(repeating: "\n", count: shown.count - 1) + indent) + "]"
  }

  /// Words side by side, on as many lines as they need.
  private func row(_ words: [String], indent: String, width: Int) -> String {
    var lines: [String] = []
    var line = indent
    for (index, word) in words.enumerated() {
      if line.count + word.count > width && line.count > indent.count {
        lines.append(trimmed(line))
        line = indent
      }
      line += index < words.count - 1 ? word + " " : word
    }
    lines.append(line)
    return "[" + lines.joined(separator: "\n").dropFirst(indent.count) + "]"
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
