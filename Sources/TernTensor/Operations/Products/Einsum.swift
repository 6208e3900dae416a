import TernBackend

/// Sums of products by Einstein's convention: `einsum("bij,bjk->bik", a, b)`.
///
/// Every axis has a letter. Axes of one letter run together (an extent of one repeats), a letter twice in one operand
/// takes the diagonal, and letters that the result does not name are summed over. `...` stands for leading axes that
/// broadcast. Without `->` the result has the letters that occur once, in alphabetical order, after the ellipsis.
///
/// Operands are contracted from left to right, each pair through ``matmul(_:_:file:line:)``. Stops for an equation that does not
/// fit the operands.
public func einsum<Scalar: FloatingScalar>(
  _ equation: String, _ operands: Tensor<Scalar>..., file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  einsum(equation, operands, file: file, line: line)
}

/// Sums of products by Einstein's convention, see ``einsum(_:_:file:line:)-(_,Tensor<Scalar>...,_,_)``.
public func einsum<Scalar: FloatingScalar>(
  _ equation: String, _ operands: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let plan = EinsumEquation.parsed(equation, ranks: operands.map(\.rank))
  if let batch = plan.batch, operands[0].shape.prefix(batch) == operands[1].shape.prefix(batch),
    operands[0].shape[batch + 1] == operands[1].shape[batch]
  {
    return matmul(operands[0], operands[1])
  }
  if let aligned = plan.aligned, let result = aligned.product(operands[0], operands[1]) { return result }
  var extents: [EinsumEquation.Label: Int] = [:]
  var terms = zip(operands, plan.inputs).map { takingDiagonals($0, $1, equation) }
  for term in terms {
    for (label, extent) in zip(term.labels, term.tensor.shape) {
      let known = extents[label] ?? 1
      check(
        known == extent || known == 1 || extent == 1, "einsum",
        "\(equation): label \(label) has extents \(known) and \(extent)")
      extents[label] = known == 1 ? extent : known
    }
  }
  var result = terms.removeFirst()
  while !terms.isEmpty {
    let next = terms.removeFirst()
    let later = Set(terms.flatMap(\.labels)).union(plan.output)
    result = contract(result, next, keeping: later, extents)
  }
  let lone = result.labels.filter { !plan.output.contains($0) }
  result = summed(result, lone)
  return result.tensor.permuted(plan.output.map { result.labels.firstIndex(of: $0)! })
}

/// A tensor whose axes have labels.
private struct Term<Scalar: FloatingScalar> {
  var tensor: Tensor<Scalar>
  var labels: [EinsumEquation.Label]
}

/// Takes the diagonal of axes that have one label.
private func takingDiagonals<Scalar: FloatingScalar>(
  _ tensor: Tensor<Scalar>, _ labels: [EinsumEquation.Label], _ equation: String
) -> Term<Scalar> {
  var term = Term(tensor: tensor, labels: labels)
  var axis = 0
  while axis < term.labels.count {
    let label = term.labels[axis]
    guard let other = term.labels[(axis + 1)...].firstIndex(of: label) else {
      axis += 1
      continue
    }
    let shape = term.tensor.shape
    check(
      shape[axis] == shape[other], "einsum",
      "\(equation): label \(label) has extents \(shape[axis]) and \(shape[other]) in one operand")
    term.tensor = term.tensor.diagonal(axes: axis, other)
    term.labels.remove(at: other)
    term.labels.remove(at: axis)
    term.labels.append(label)
  }
  return term
}

private func summed<Scalar>(_ term: Term<Scalar>, _ labels: [EinsumEquation.Label]) -> Term<Scalar> {
  if labels.isEmpty { return term }
  let axes = labels.map { term.labels.firstIndex(of: $0)! }
  return Term(tensor: term.tensor.sum(along: axes), labels: term.labels.filter { !labels.contains($0) })
}

/// Two terms as one product of matrices, in batches of the labels that both have and that are kept.
private func contract<Scalar>(
  _ a: Term<Scalar>, _ b: Term<Scalar>, keeping kept: Set<EinsumEquation.Label>,
  _ extents: [EinsumEquation.Label: Int]
) -> Term<Scalar> {
  // What only one of them has and nobody asks for is summed before.
  let a = summed(a, a.labels.filter { !b.labels.contains($0) && !kept.contains($0) })
  let b = summed(b, b.labels.filter { !a.labels.contains($0) && !kept.contains($0) })
  let batch = a.labels.filter { b.labels.contains($0) && kept.contains($0) }
  let inner = a.labels.filter { b.labels.contains($0) && !kept.contains($0) }
  let rows = a.labels.filter { !b.labels.contains($0) }
  let columns = b.labels.filter { !a.labels.contains($0) }

  func arranged(_ term: Term<Scalar>, _ groups: [[EinsumEquation.Label]]) -> Tensor<Scalar> {
    let order = groups.flatMap(\.self)
    let moved = term.tensor.permuted(order.map { term.labels.firstIndex(of: $0)! })
    // A shared label that has extent one here runs along with the other operand's.
    let full = zip(order, moved.shape).map { label, extent in
      batch.contains(label) || inner.contains(label) ? extents[label]! : extent
    }
    return moved.broadcast(to: full)
      .reshaped(batch.map { extents[$0]! } + groups.dropFirst().map { Layout.product($0.map { size(term, $0) }) })
  }
  func size(_ term: Term<Scalar>, _ label: EinsumEquation.Label) -> Int {
    if batch.contains(label) || inner.contains(label) { return extents[label]! }
    return term.tensor.shape[term.labels.firstIndex(of: label)!]
  }
  let product = matmul(arranged(a, [batch, rows, inner]), arranged(b, [batch, inner, columns]))
  let shape = batch.map { extents[$0]! } + rows.map { size(a, $0) } + columns.map { size(b, $0) }
  return Term(tensor: product.reshaped(shape), labels: batch + rows + columns)
}

/// What an equation comes to whose two operands have the same labels: their elements' products, summed along some axes.
struct AlignedProduct: Sendable {
  /// Where the labels of the first operand are in the second.
  private let order: [Int]
  /// The axes of the first operand that are summed over, and the result's axes among those that are left.
  private let summed: [Int], kept: [Int]
  private let isInOrder: Bool

  init?(_ inputs: [[EinsumEquation.Label]], _ output: [EinsumEquation.Label]) {
    guard inputs.count == 2, inputs[0].count == inputs[1].count, Set(inputs[0]).count == inputs[0].count else {
      return nil
    }
    let places = inputs[0].map { inputs[1].firstIndex(of: $0) }
    guard !places.contains(nil) else { return nil }
    order = places.map { $0! }
    summed = inputs[0].indices.filter { !output.contains(inputs[0][$0]) }
    let left = inputs[0].filter(output.contains)
    kept = output.map { left.firstIndex(of: $0)! }
    isInOrder = kept == Array(kept.indices) && order == Array(order.indices)
  }

  /// `nil` where the shapes differ, and where rows lie so that their dot products need no products in memory.
  func product<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar>? {
    let b = isInOrder ? b : b.permuted(order)
    guard a.shape == b.shape else { return nil }
    if summed.isEmpty { return isInOrder ? a * b : (a * b).permuted(kept) }
    let isRow = summed.first == a.rank - summed.count && a.layout.isContiguous && b.layout.isContiguous
    if isRow && a.count > StridedLoop.grain { return nil }
    let sums = (a * b).sum(along: summed)
    return isInOrder ? sums : sums.permuted(kept)
  }
}

/// The equations used last.
private let equations = RecentValues<EinsumEquation.Key, EinsumEquation>(limit: 256)

/// An equation taken apart: the labels of every axis.
struct EinsumEquation {
  /// What an equation's labels depend on.
  fileprivate struct Key: Hashable {
    let equation: String
    let ranks: [Int]
  }

  /// A letter by its code, or an axis of the ellipsis counted from the last, below zero.
  struct Label: Hashable, Comparable, CustomStringConvertible {
    private let code: Int

    static func letter(_ letter: Character) -> Label { Label(code: Int(letter.asciiValue ?? 0)) }
    static func ellipsis(_ axis: Int) -> Label { Label(code: -1 - axis) }

    var isLetter: Bool { code >= 0 }

    static func < (a: Label, b: Label) -> Bool { a.code < b.code }

    var description: String { code < 0 ? "..." : String(UnicodeScalar(UInt8(truncatingIfNeeded: code))) }
  }

  private(set) var inputs: [[Label]] = []
  private(set) var output: [Label] = []
  /// How many axes of a batch there are where the equation is that of a batch of products of matrices; else `nil`.
  private(set) var batch: Int?
  /// Where both operands have the same labels, each once.
  private(set) var aligned: AlignedProduct?

  /// The labels of an equation, which are kept for the next call.
  static func parsed(_ equation: String, ranks: [Int]) -> EinsumEquation {
    equations.value(for: Key(equation: equation, ranks: ranks)) { EinsumEquation(equation, ranks: ranks) }
  }

  init(_ equation: String, ranks: [Int]) {
    let text = equation.filter { !$0.isWhitespace }
    let sides = text.split(separator: "->", omittingEmptySubsequences: false)
    check(sides.count <= 2, "einsum", "\(equation): more than one arrow")
    let parts = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    check(
      parts.count == ranks.count, "einsum", "\(equation): \(parts.count) operands, but \(ranks.count) tensors given")
    var widest = 0
    for (part, rank) in zip(parts, ranks) {
      let (letters, place) = Self.parse(part, equation)
      let named = letters.count
      check(
        place == nil ? named == rank : named <= rank, "einsum",
        "\(equation): \"\(part)\" names \(named) axes of a tensor of rank \(rank)")
      widest = place == nil ? widest : Swift.max(widest, rank - named)
      inputs.append(Self.labels(letters, place, rank - named))
    }
    if sides.count == 2 {
      let (letters, place) = Self.parse(sides[1], equation)
      let known = Set(inputs.flatMap(\.self))
      for letter in letters {
        check(known.contains(.letter(letter)), "einsum", "\(equation): the result's \(letter) is in no operand")
        check(letters.count(where: { $0 == letter }) == 1, "einsum", "\(equation): the result has \(letter) twice")
      }
      output = Self.labels(letters, place, widest)
    } else {
      var counts: [Label: Int] = [:]
      for label in inputs.flatMap(\.self) where label.isLetter { counts[label, default: 0] += 1 }
      output = Self.labels([], 0, widest) + counts.filter { $0.value == 1 }.keys.sorted()
    }
    aligned = AlignedProduct(inputs, output)
    if inputs.count == 2, output.count >= 2, inputs.allSatisfy({ Set($0).count == output.count }) {
      let (a, b, count) = (inputs[0], inputs[1], output.count - 2)
      let isProduct =
        a.count == count + 2 && b.count == count + 2 && a[..<count] == b[..<count] && a[..<count] == output[..<count]
        && a[count] == output[count] && b[count + 1] == output[count + 1] && a[count + 1] == b[count]
      if isProduct && Set(output).count == count + 2 { batch = count }
    }
  }

  /// The letters, and how many stand before the ellipsis, if there is one.
  private static func parse(_ text: Substring, _ equation: String) -> (letters: [Character], ellipsis: Int?) {
    let parts = text.split(separator: "...", omittingEmptySubsequences: false)
    check(parts.count <= 2, "einsum", "\(equation): more than one ellipsis in \"\(text)\"")
    let letters = Array(parts.joined())
    for letter in letters {
      check(letter.isASCII && letter.isLetter, "einsum", "\(equation): \"\(letter)\" is no label")
    }
    return (letters, parts.count == 2 ? parts[0].count : nil)
  }

  private static func labels(_ letters: [Character], _ ellipsis: Int?, _ width: Int) -> [Label] {
    var labels = letters.map(Label.letter)
    if let ellipsis {
      labels.insert(contentsOf: (0..<width).reversed().map(Label.ellipsis), at: ellipsis)
    }
    return labels
  }
}
