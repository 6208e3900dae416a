import TernTensor
import TernTestSupport

/// Shaping and making tensors with hostile shapes, axes and counts.
let hostileShapingTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("init") { n in _ = Tensor<Float>(zeros: n.list()) }
  table.add("full") { n in _ = Tensor<UInt8>(full: [n.size(), n.size()], 1) }
  table.add("scalars") { n in _ = Tensor<Float>([1, 2, 3], shape: n.list()) }
  table.add("eye") { n in _ = Tensor<Double>(eye: n.any(), columns: n.flag() ? n.any() : nil) }
  table.add("range") { n in _ = Tensor<Int>(rangeFrom: n.any(), to: n.any(), by: n.any()) }
  table.add("range32") { n in
    _ = Tensor<Int32>(rangeFrom: Int32(clamping: n.any()), to: Int32(clamping: n.any()), by: Int32(clamping: n.any()))
  }
  table.add("rangeOfNumbers") { n in
    _ = Tensor<Float>(rangeFrom: Float(n.real()), to: Float(n.real()), by: Float(n.real()))
  }
  table.add("rangeOfInts") { n in
    let (a, b) = (n.any(), n.any())
    _ = Tensor<Int>(min(a, b)..<max(a, b))
  }
  table.add("linspace") { n in _ = Tensor<Float>(linspace: 0, 1, count: n.any()) }
  table.add("logspace") { n in _ = Tensor<Float>(logspace: 0, 1, count: n.any(), base: Float(n.real())) }
  table.add("unstacked") { n in _ = n.floats().unstacked(along: n.any()) }
  table.add("strided") { n in _ = n.floats().strided(n.list(), strides: n.list(), offset: n.any()) }
  table.add("replacingStrided") { n in
    _ = n.floats().replacingStrided(strides: n.list(), offset: n.any(), with: n.floats())
  }
  table.add("randomUniform") { n in _ = Tensor<Float>(randomUniform: n.list()) }
  table.add("randomNormal") { n in _ = Tensor<Double>(randomNormal: n.list(), mean: n.real(), deviation: n.real()) }
  table.add("randomBernoulli") { n in _ = Tensor<Float>(randomBernoulli: n.list(), probability: n.real()) }
  table.add("randomIntegers") { n in
    let (a, b) = (n.any(), n.any())
    _ = Tensor<Int>(randomIntegers: n.flag() ? [3] : n.list(), in: min(a, b)..<max(a, b))
  }
  table.add("randomPermutation") { n in _ = Tensor<Int>(randomPermutation: n.any()) }
  table.add("permuted") { n in _ = n.floats().permuted(n.list()) }
  table.add("transposed") { n in _ = n.floats().transposed(n.any(), n.any()) }
  table.add("movingAxes") { n in _ = n.floats().movingAxes(n.list(), to: n.list()) }
  table.add("movingAxis") { n in _ = n.floats().movingAxis(n.any(), to: n.any()) }
  table.add("reshaped") { n in _ = n.floats().reshaped(n.list()) }
  table.add("flattened") { n in _ = n.floats().flattened(from: n.any(), to: n.any()) }
  table.add("unflattened") { n in _ = n.floats().unflattened(n.any(), to: n.list()) }
  table.add("squeezed") { n in _ = n.floats().squeezed(n.list()) }
  table.add("expandedAxis") { n in _ = n.floats().expandedAxis(at: n.any()) }
  table.add("broadcast") { n in _ = n.floats(1).broadcast(to: n.list()).sum() }
  table.add("narrowed") { n in _ = n.floats().narrowed(axis: n.any(), start: n.any(), length: n.any()) }
  table.add("selected") { n in _ = n.floats().selected(axis: n.any(), index: n.any()) }
  table.add("flipped") { n in _ = n.floats().flipped(n.list()).contiguousCopy }
  table.add("diagonal") { n in _ = n.floats(2 + n.below(2)).diagonal(offset: n.any(), axes: n.below(3) - 1, n.any()) }
  table.add("diagonalMatrix") { n in _ = n.floats(1).diagonalMatrix(offset: n.any()) }
  table.add("lowerTriangle") { n in _ = n.floats().lowerTriangle(diagonal: n.any()) }
  table.add("upperTriangle") { n in _ = n.floats().upperTriangle(diagonal: n.any()) }
  table.add("subscript") { n in
    let x = n.floats()
    let entries: [AxisIndex] = (0..<n.below(4)).map { _ in hostileEntry(&n) }
    _ = x[entries]
  }
  table.add("subscript set") { n in
    var x = n.floats()
    let entries: [AxisIndex] = (0..<n.below(4)).map { _ in hostileEntry(&n) }
    x[entries] = n.flag() ? Tensor(2) : n.floats()
  }
  table.add("element") { n in
    let x = n.floats(2)
    let _: Float = x[n.any(), n.any()]
  }
  table.add("rolled") { n in _ = n.floats().rolled(by: n.list(), along: n.list()) }
  table.add("rolled by one") { n in _ = n.floats().rolled(by: n.any(), along: n.flag() ? nil : n.any()) }
  table.add("tiled") { n in _ = n.floats().tiled(n.list()) }
  table.add("repeatingElements") { n in _ = n.floats().repeatingElements(n.any(), along: n.flag() ? nil : n.any()) }
  table.add("repeatingElements each") { n in
    _ = n.floats(1).repeatingElements(n.integers(1), along: n.flag() ? nil : n.any())
  }
  table.add("meshgrid") { n in _ = meshgrid((0..<n.below(5)).map { _ in n.floats(1) }, indexing: .xy) }
  table.add("padded") { n in
    let amounts = (0..<n.below(4)).map { _ in (before: n.any(), after: n.any()) }
    _ = n.floats().padded(amounts, n.one(of: [.constant(0), .reflect, .replicate, .circular]))
  }
  table.add("concatenate") { n in _ = concatenate((0..<n.below(4)).map { _ in n.floats(2) }, along: n.any()) }
  table.add("stack") { n in
    let x = n.floats()
    _ = stack([x, x], along: n.any())
  }
  table.add("split") { n in _ = n.floats().split(n.list(), along: n.any()) }
  table.add("split every") { n in _ = n.floats().split(every: n.any(), along: n.any()) }
  table.add("chunks") { n in _ = n.floats().chunks(n.any(), along: n.any()) }
  table.add("gathered") { n in _ = n.floats(2).gathered(n.integers(2), along: n.any()) }
  table.add("gathered broadcasting") { n in
    _ = n.floats(2).gathered(broadcasting: n.integers(2), along: n.flag() ? nil : n.any())
  }
  table.add("scattering") { n in _ = n.floats(2).scattering(n.floats(2), at: n.integers(2), along: n.any()) }
  table.add("scatterAdding") { n in _ = n.floats(2).scatterAdding(n.floats(2), at: n.integers(2), along: n.any()) }
  table.add("taking") { n in _ = n.floats().taking(n.integers(), along: n.any()) }
  table.add("replacing") { n in _ = n.floats().replacing(n.integers(1), along: n.any(), with: n.floats()) }
  table.add("adding") { n in _ = n.floats().adding(n.floats(), at: n.integers(1), along: n.any()) }
  table.add("indexed") { n in
    let entries: [TensorIndex] = (0..<n.below(4)).map { _ in
      n.one(of: [.all, .at(n.integers()), .where(n.tensor(Bool.self))])
    }
    _ = n.floats().indexed(entries)
  }
  table.add("embedding") { n in
    _ = embedding(n.integers(), n.floats(2), paddingIndex: n.flag() ? nil : n.any(), scalesByFrequency: n.flag())
  }
  table.add("oneHot") { n in _ = n.integers().oneHot(classes: n.flag() ? nil : n.any()) }
  table.add("binCounts") { n in _ = n.integers().binCounts(minimumLength: n.any()) }
  table.add("binCounts weighted") { n in
    _ = n.integers(1).binCounts(weights: n.floats(1), minimumLength: n.any())
  }
  table.add("unique") { n in _ = n.floats().unique(along: n.any()) }
  table.add("unique of all") { n in _ = n.floats().unique() }
  table.add("searchSorted") { n in _ = searchSorted(n.floats(), n.floats()) }
  table.add("elements") { n in _ = n.floats().elements(where: n.tensor(Bool.self)) }
  table.add("nonZero") { n in _ = n.floats().nonZero() }
  table.add("nonZero(count:)") { n in _ = n.floats().nonZero(count: n.any()) }
  table.add("description") { n in _ = n.floats().description }
  table.add("scalars out") { n in _ = n.floats().scalars }
  return table
}

private func hostileEntry(_ n: inout HostileNumbers) -> AxisIndex {
  switch n.below(8) {
  case 0: .index(n.any())
  case 1: .newAxis
  case 2: .ellipsis
  case 3: .all
  case 4: n.integers().axisIndex
  case 5: (n.any()...Int.max).axisIndex
  default: .slice(n.flag() ? nil : n.any(), n.flag() ? nil : n.any(), step: n.any())
  }
}

extension Tensor {
  fileprivate var contiguousCopy: [Scalar] { count < 1 << 20 ? scalars : [] }
}
