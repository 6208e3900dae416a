import TernTensor
import TernTestSupport

/// Order statistics, histograms, updates by index and shapes with hostile axes and numbers.
let hostileOrderTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("median") { n in _ = n.floats().median(along: n.any()) }
  table.add("nanMedian") { n in _ = n.floats().nanMedian(along: n.any(), keepingAxes: n.flag()) }
  table.add("kthValue") { n in _ = n.floats().kthValue(n.any(), along: n.any()) }
  table.add("mode") { n in _ = n.integers().mode(along: n.any()) }
  table.add("quantile") { n in _ = n.floats().quantile(n.real(), along: n.flag() ? nil : n.any()) }
  table.add("nanQuantile") { n in
    _ = n.floats().nanQuantile(n.floats(1), along: n.any(), interpolation: n.one(of: [.linear, .nearest]))
  }
  table.add("nanSum") { n in _ = n.floats().nanSum(along: n.list()) }
  table.add("nanMean") { n in _ = n.floats().nanMean(along: n.list()) }
  table.add("extrema") { n in _ = n.floats().extrema(along: n.flag() ? nil : n.any()) }
  table.add("varianceAndMean") { n in _ = n.floats().varianceAndMean(along: n.list(), correction: n.real()) }
  table.add("standardDeviationAndMean") { n in
    _ = n.floats().standardDeviationAndMean(along: n.list(), correction: n.real())
  }
  table.add("histogram") { n in _ = n.floats().histogram(bins: n.any(), density: n.flag()) }
  table.add("multidimensionalHistogram") { n in
    _ = n.floats().multidimensionalHistogram(bins: n.list(), weights: n.flag() ? nil : n.floats())
  }
  table.add("binCounts of numbers") { n in
    _ = n.floats().binCounts(bins: n.any(), min: Float(n.real()), max: Float(n.real()))
  }
  table.add("bucketized") { n in _ = n.floats().bucketized(at: n.floats(), right: n.flag()) }
  table.add("clamped") { n in _ = n.floats().clamped(min: n.floats(), max: n.floats()) }
  table.add("lerp") { n in _ = lerp(n.floats(), n.floats(), weight: n.floats()) }
  table.add("addcmul") { n in _ = addcmul(n.integers(), n.integers(), n.integers(), value: n.any()) }
  table.add("addcdiv") { n in _ = addcdiv(n.floats(), n.floats(), n.floats()) }
  table.add("scatterReducing") { n in
    _ = n.floats(2).scatterReducing(
      n.floats(2), at: n.integers(2), along: n.any(), by: n.one(of: ScatterReduction.allCases), includingSelf: n.flag())
  }
  table.add("reducing") { n in
    _ = n.floats().reducing(n.floats(), at: n.integers(), along: n.any(), by: n.one(of: ScatterReduction.allCases))
  }
  table.add("elements") { n in _ = n.floats().elements(at: n.integers()) }
  table.add("replacingElements") { n in _ = n.floats().replacingElements(at: n.integers(), with: n.floats()) }
  table.add("addingElements") { n in _ = n.floats().addingElements(n.floats(), at: n.integers()) }
  table.add("replacingElements where") { n in
    let x = n.floats()
    _ = x.replacingElements(where: n.flag() ? x .> 0 : n.tensor(Bool.self), with: n.floats())
  }
  table.add("isMember") { n in _ = n.integers().isMember(of: n.integers()) }
  table.add("uniqueConsecutive") { n in _ = n.floats().uniqueConsecutive(along: n.any()) }
  table.add("replacingSlice") { n in
    _ = n.floats().replacingSlice(
      axis: n.any(), from: n.any(), to: n.flag() ? nil : n.any(), step: n.any(), with: Tensor(2))
  }
  table.add("replacingSelected") { n in
    _ = n.floats().replacingSelected(axis: n.any(), index: n.any(), with: n.flag() ? Tensor(2) : n.floats())
  }
  table.add("replacingDiagonal") { n in
    _ = n.floats().replacingDiagonal(offset: n.any(), axes: n.any(), n.below(3) - 1, with: Tensor(2))
  }
  table.add("masked reductions") { n in
    let (x, axes) = (n.floats(), n.flag() ? nil : n.list())
    let mask = n.flag() ? x .> 0 : n.tensor(Bool.self)
    switch n.below(6) {
    case 0: _ = x.sum(along: axes, mask: mask)
    case 1: _ = x.mean(along: axes, mask: mask)
    case 2: _ = x.variance(along: axes, correction: n.real(), mask: mask)
    case 3: _ = x.norm(n.real(), along: axes, mask: mask)
    case 4: _ = x.argmax(along: n.any(), mask: mask)
    default: _ = x.softmax(along: n.any(), mask: mask)
    }
  }
  table.add("windows") { n in _ = n.floats().windows(along: n.any(), size: n.any(), step: n.any()).sum() }
  table.add("diagonalMatrices") { n in
    _ = n.floats().diagonalMatrices(offset: n.any(), axes: n.flag() ? -2 : n.any(), n.flag() ? -1 : n.any())
  }
  table.add("rotated") { n in _ = n.floats().rotated(quarterTurns: n.any(), axes: n.any(), n.any()).asContiguous() }
  table.add("blockDiagonal") { n in _ = blockDiagonal([n.floats(2), n.floats(2), n.floats()]) }
  table.add("split into") { n in _ = n.floats().split(into: n.any(), along: n.any()) }
  table.add("split at") { n in _ = n.floats().split(at: n.list(), along: n.any()) }
  table.add("atLeast") { n in _ = n.floats().atLeast(rank: n.any()) }
  table.add("stacks") { n in
    let tensors = [n.floats(), n.floats()]
    switch n.below(4) {
    case 0: _ = horizontalStack(tensors)
    case 1: _ = verticalStack(tensors)
    case 2: _ = depthStack(tensors)
    default: _ = columnStack(tensors)
    }
  }
  table.add("broadcastShape") { n in _ = broadcastShape(of: [n.list(), n.list(), [n.any()]]) }
  table.add("sum to") { n in _ = n.floats().sum(to: n.list()) }
  table.add("cartesianProduct") { n in _ = cartesianProduct((0..<n.below(4)).map { _ in n.floats(1) }) }
  table.add("combinations") { n in _ = n.floats(1).combinations(of: n.any(), repeating: n.flag()) }
  table.add("unraveled") { n in _ = n.integers().unraveled(n.list()) }
  table.add("lowerTriangleIndices") { n in
    _ = lowerTriangleIndices(rows: n.any(), columns: n.any(), diagonal: n.any())
  }
  table.add("upperTriangleIndices") { n in
    _ = upperTriangleIndices(rows: n.any(), columns: n.any(), diagonal: n.any())
  }
  table.add("reducingSegments") { n in
    let (x, numbers, axis) = (n.floats(), Tensor<Int>(n.list()), n.any())
    _ =
      n.flag()
      ? x.reducingSegments(lengths: numbers, along: axis, by: .mean)
      : x.reducingSegments(offsets: numbers, along: axis, by: .maximum)
  }
  table.add("asChannelsLast") { n in _ = n.floats().asChannelsLast().clone().asContiguous() }
  return table
}
