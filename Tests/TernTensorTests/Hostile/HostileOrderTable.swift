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
  return table
}
