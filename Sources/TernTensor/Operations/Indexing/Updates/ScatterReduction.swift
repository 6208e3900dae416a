import TernBackend

/// How values that go to one place become one.
public enum ScatterReduction: String, Sendable, CaseIterable {
  /// Their sum.
  case sum
  /// Their product.
  case product = "prod"
  /// Their mean.
  case mean
  /// The greatest; NaN where any is.
  case maximum = "amax"
  /// The least; NaN where any is.
  case minimum = "amin"
}

extension Tensor where Scalar: FloatingScalar {
  /// A copy in which y[i][index[i][j][k]][k] for axis 1 is reduced from all values source[i][j][k] that go there.
  ///
  /// The index has at most the extents of the source and, but for the axis, of x. Gradients: through the reduction to x
  /// and to the source; those of the extremes are shared by all that equal them. Stops for an index outside the axis.
  /// - Parameters:
  ///   - reduction: what becomes of the values that go to one place.
  ///   - includingSelf: the element of x at the place is one of the values; otherwise it is replaced.
  public func scatterReducing(
    _ source: Tensor, at index: Tensor<Int>, along axis: Int, by reduction: ScatterReduction,
    includingSelf: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      return asVector.scatterReducing(
        source.asVector, at: index.asVector, along: axis, by: reduction, includingSelf: includingSelf
      ).reshaped([])
    }
    let axis = resolve(axis: axis, rank: rank, "scatterReducing")
    let counts = reduction == .mean ? Tensor(full: shape, includingSelf ? 1 : 0) : nil
    let sums = scatterReduced(
      source, at: index, axis, by: reduction, from: includingSelf ? nil : .start(of: reduction), counts: counts)
    let scatter = Scatter(index: index, axis: axis, includesSelf: includingSelf)
    let result = counts.map { counts in withoutGradients { sums / maximum(counts, 1) } } ?? sums
    return result.recorded("scatterReducing", from: self, source, saving: reduction.saving) { d in
      d.send(0) { scatter.selfGradient(reduction, d) }
      d.send(1) { scatter.sourceGradient(reduction, d) }
    }
  }

  /// A copy in which slices of an axis are reduced with values: y[i][indices[l]][k] with all values[i][l][k] for axis 1.
  ///
  /// The values have the shape of x but for the axis, along which there is one for each index; see
  /// ``scatterReducing(_:at:along:by:includingSelf:file:line:)`` for reductions and gradients.
  public func reducing(
    _ values: Tensor, at indices: Tensor<Int>, along axis: Int = 0, by reduction: ScatterReduction,
    includingSelf: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      return asVector.reducing(
        values.asVector, at: indices.asVector, along: axis, by: reduction, includingSelf: includingSelf
      ).reshaped([])
    }
    let axis = resolve(axis: axis, rank: rank, "reducing")
    let list = reducedSlices(values, indices, axis)
    var result = slicesReduced(values, list, by: reduction, from: includingSelf ? nil : .start(of: reduction))
    if reduction == .mean { result = result / list.counts(axis, of: shape, includingSelf).cast(to: Scalar.self) }
    var wide = [Int](repeating: 1, count: rank)
    wide[axis] = indices.count
    let scatter = Scatter(
      index: indices.reshaped(wide).broadcast(to: values.shape), axis: axis, includesSelf: includingSelf)
    return result.recorded("reducing", from: self, values, saving: reduction.saving) { d in
      d.send(0) { scatter.selfGradient(reduction, d) }
      d.send(1) { scatter.sourceGradient(reduction, d) }
    }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// The elements reduced with the values that go to them, not recorded; sums in the place of means.
  ///
  /// - Parameters:
  ///   - start: replaces the elements first.
  ///   - counts: goes up by 1 at each place a value goes to.
  func scatterReduced(
    _ source: Tensor, at index: Tensor<Int>, _ axis: Int, by reduction: ScatterReduction, from start: Scalar?,
    counts: Tensor? = nil
  ) -> Tensor {
    let source = source.cropped(to: index, "scatterReducing")
    let rows = IndexRows(index, in: Layout(shape), axis, "scatterReducing")
    let result = detached().copied()
    let (out, values) = (result.mutablePointer, source.detached().contiguous)
    let (x, number) = (values.pointer, counts?.mutablePointer)
    // What every place begins with is there before the first value goes to any.
    if let start { rows.forEachPart { places, _, first in Scalar.assign(start, at: places, out + first) } }
    rows.reduce(reduction.scattered, out, x)
    if let number { rows.forEachPart { places, _, first in Scalar.count(places, number + first) } }
    withExtendedLifetime((values, counts)) {}
    return result
  }

  /// The slices of an axis that values go to, checked.
  func reducedSlices(_ values: Tensor, _ indices: Tensor<Int>, _ axis: Int) -> SliceList {
    var expected = shape
    expected[axis] = indices.count
    check(
      indices.rank <= 1 && values.shape == expected, "reducing",
      "values \(values.shape) at indices \(indices.shape) of axis \(axis) in \(shape), expected values \(expected)")
    return SliceList(indices, axis, of: shape, "reducing")
  }

  /// The slices reduced with the values that go to them, not recorded; sums in the place of means.
  func slicesReduced(
    _ values: Tensor, _ list: SliceList, by reduction: ScatterReduction, from start: Scalar?
  ) -> Tensor {
    let source = values.detached().contiguous
    var result = detached().copied()
    if let start { list.run(&result, source) { n, target, _ in target.update(repeating: start, count: n) } }
    let kernel = reduction.kernel
    if list.inner == 1 {
      list.runRows(&result, source) { n, target, at, values in
        Scalar.scatterReduce(reduction.scattered, n, target, 1, at, values)
      }
    } else {
      list.run(&result, source) { n, target, value in Scalar.binary(kernel, n, target, 1, target, 1, value, 1, 1) }
    }
    return result
  }
}

extension SliceList {
  /// How many values each slice of an axis has, at least 1: an extent for every axis, all others 1.
  func counts(_ axis: Int, of shape: [Int], _ includesSelf: Bool) -> Tensor<Int> {
    var extents = [Int](repeating: 1, count: shape.count)
    extents[axis] = shape[axis]
    let own = Tensor<Int>(full: [shape[axis]], includesSelf ? 1 : 0)
    return maximum(own.adding(Tensor<Int>(1), at: indices), 1).reshaped(extents)
  }
}

extension ScatterReduction {
  /// What makes one of two values; the sum for a mean.
  fileprivate var kernel: BinaryKernel {
    switch self {
    case .sum, .mean: .add
    case .product: .mul
    case .maximum: .maximum
    case .minimum: .minimum
    }
  }

  fileprivate var scattered: ReductionKernel {
    switch self {
    case .sum, .mean: .sum
    case .product: .product
    case .maximum: .maximum
    case .minimum: .minimum
    }
  }

  fileprivate var saving: Saving { self == .sum || self == .mean ? [] : [.first, .second, .output] }
}

/// Where values go, and the derivatives of what becomes of them there.
private struct Scatter: Sendable {
  let index: Tensor<Int>
  let axis: Int
  let includesSelf: Bool

  /// How many values each place has; 1 for none.
  func counts<Scalar: FloatingScalar>(_ shape: [Int]) -> Tensor<Scalar> {
    let start = includesSelf ? Tensor<Scalar>(ones: shape) : Tensor(zeros: shape)
    return maximum(start.scatterAdding(Tensor(1), at: index, along: axis), 1)
  }

  func selfGradient<Scalar: FloatingScalar>(_ reduction: ScatterReduction, _ d: Derivation<Scalar>) -> Tensor<Scalar> {
    let whole: Tensor<Scalar>
    switch reduction {
    case .sum: whole = d.gradient
    case .mean: whole = d.gradient / counts(d.gradient.shape)
    case .product:
      let x = d.input(0)
      let safe = select(x .== 0, 1, x)
      let product = safe.scatterReducing(
        d.input(1), at: index, along: axis, by: .product, includingSelf: includesSelf)
      whole = zeroProduct(d.gradient, product / safe)
    case .maximum, .minimum:
      let shares = equals(d)
      whole = zeroProduct(d.gradient / shares.total, shares.ofSelf)
    }
    return includesSelf ? whole : whole.scattering(0, at: index, along: axis)
  }

  func sourceGradient<Scalar: FloatingScalar>(
    _ reduction: ScatterReduction, _ d: Derivation<Scalar>
  ) -> Tensor<Scalar> {
    func gathered(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.gathered(index, along: axis) }
    switch reduction {
    case .sum: return gathered(d.gradient)
    case .mean: return gathered(d.gradient / counts(d.gradient.shape))
    case .maximum, .minimum:
      let shares = equals(d)
      return zeroProduct(gathered(d.gradient / shares.total), shares.ofSource)
    case .product:
      let (x, source) = (d.input(0), d.input(1))
      let isZero = source .== 0
      let zeros = Tensor<Scalar>(zeros: x.shape)
        .scatterAdding(isZero.cast(to: Scalar.self), at: index, along: axis).gathered(index, along: axis)
      // The only 0 of its place has the product of the others; where there are more all derivatives are 0.
      let isOnly = isZero .&& (zeros .== 1)
      let others = zeroProduct(d.gradient, d.output)
      let quotients = gathered(others) / select(isZero, 1, source)
      if !isOnly.any().item { return quotients }
      let product = x.scatterReducing(
        select(isOnly, 1, source), at: index, along: axis, by: .product, includingSelf: includesSelf)
      return select(isOnly, gathered(zeroProduct(d.gradient, product)), quotients)
    }
  }

  /// Which elements of both equal the extreme of their place, and how many of them each place has.
  private func equals<Scalar: FloatingScalar>(
    _ d: Derivation<Scalar>
  ) -> (ofSelf: Tensor<Scalar>, ofSource: Tensor<Scalar>, total: Tensor<Scalar>) {
    withoutGradients {
      let (x, source, y) = (d.input(0), d.input(1), d.output)
      var own = (x .== y).cast(to: Scalar.self)
      if !includesSelf { own = own.scattering(0, at: index, along: axis) }
      let others = (source .== y.gathered(index, along: axis)).cast(to: Scalar.self)
      return (own, others, maximum(own.scatterAdding(others, at: index, along: axis), 1))
    }
  }
}

extension FloatingScalar {
  /// What changes no value that it is reduced with.
  static func start(of reduction: ScatterReduction) -> Self {
    switch reduction {
    case .sum, .mean: 0
    case .product: 1
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }
}

extension NumericScalar {
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  fileprivate static func assign(_ value: Self, at places: IndexPlaces, _ out: UnsafeMutablePointer<Self>) {
    for i in 0..<places.count { out[places[i]] = value }
  }

  @specialized(where Self == Float)
  @specialized(where Self == Double)
  fileprivate static func count(_ places: IndexPlaces, _ out: UnsafeMutablePointer<Self>) {
    for i in 0..<places.count { out[places[i]] += 1 }
  }
}
