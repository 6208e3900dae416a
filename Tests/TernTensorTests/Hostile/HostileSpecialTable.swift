import TernTensor
import TernTestSupport

/// Special functions with hostile orders.
let hostileSpecialTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("polygamma") { n in _ = n.floats().polygamma(n.any()) }
  table.add("multivariateLGamma") { n in _ = n.floats().multivariateLGamma(dimensions: n.any()) }
  table.add("ldexp") { n in _ = ldexp(n.floats(), n.any()) }
  table.add("bits") { n in
    let (x, y) = (n.integers(), n.any())
    _ = (x & y, x | y, x ^ y, ~x, x << y, x >> y, y << x, gcd(x, y), lcm(x, y))
  }
  return table
}
