import TernTensor
import TernTestSupport

/// Special functions with hostile orders.
let hostileSpecialTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("polygamma") { n in _ = n.floats().polygamma(n.any()) }
  table.add("multivariateLGamma") { n in _ = n.floats().multivariateLGamma(dimensions: n.any()) }
  return table
}
