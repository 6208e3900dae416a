import Foundation
import TernBackend
import Testing

/// Parameters, gradients and what a method keeps, of n elements.
private struct Update<T: FloatingKernelScalar> {
  var p: [T], a: [T], b: [T], c: [T]
  let g: [T]

  init(_ n: Int) {
    p = noise(n, seed: 1).map { T($0) }
    g = noise(n, seed: 2).map { T($0) }
    a = noise(n, seed: 3).map { T($0 * 0.1) }
    b = noise(n, seed: 4).map { T(abs($0)) }
    // Room for the variance: at least the square of what is kept as the mean.
    c = noise(n, seed: 5).map { T($0 * 0.1) }
  }

  /// Holds the four arrays to what `formula` makes of each element in Double.
  func check(
    _ name: String, _ before: Update, tolerance: Double,
    _ formula: (_ p: Double, _ g: Double, _ a: Double, _ b: Double, _ c: Double) -> (Double, Double, Double, Double)
  ) {
    for i in p.indices {
      let exact = formula(
        Double(before.p[i]), Double(before.g[i]), Double(before.a[i]), Double(before.b[i]), Double(before.c[i]))
      let near = zip([p[i], a[i], b[i], c[i]], [exact.0, exact.1, exact.2, exact.3]).allSatisfy {
        abs(Double($0) - $1) <= tolerance * max(1, abs($1))
      }
      if !near {
        Issue.record("\(name) of \(T.self), \(p.count) elements, at \(i): \((p[i], a[i], b[i], c[i])) for \(exact)")
        return
      }
    }
  }
}

private let lengths = [0, 1, 7, 16, 33, 1001]

private func checkDescent<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  for n in lengths {
    for (nesterov, maximize, isFirst) in [
      (false, false, false), (true, false, false), (true, true, true), (false, true, true),
    ] {
      let update = SGDUpdate(
        rate: 0.1, momentum: 0.9, damping: 0.75, decay: 0.01, nesterov: nesterov, maximize: maximize, isFirst: isFirst)
      let sign = maximize ? -1.0 : 1
      let before = Update<T>(n)
      var plain = before
      T.sgd(update, n, &plain.p, plain.g, nil)
      plain.check("descent", before, tolerance: tolerance) { p, g, a, b, c in
        (p - 0.1 * (sign * g + 0.01 * p), a, b, c)
      }
      var after = before
      T.sgd(update, n, &after.p, after.g, &after.a)
      after.check("momentum", before, tolerance: tolerance) { p, g, a, b, c in
        let d = sign * g + 0.01 * p
        let m = isFirst ? d : 0.9 * a + 0.75 * d
        return (p - 0.1 * (nesterov ? d + 0.9 * m : m), m, b, c)
      }
    }
  }
}

private func checkAdam<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  for n in lengths {
    for (maximize, keepsLargest) in [(false, false), (true, true)] {
      let update = AdamUpdate(
        beta1: 0.9, beta2: 0.99, epsilon: 1e-4, decay: 0.02, shrink: 0.999, stepSize: 0.05, rootCorrection: 0.8,
        maximize: maximize)
      let before = Update<T>(n)
      var after = before
      if keepsLargest {
        T.adam(update, n, &after.p, after.g, &after.a, &after.b, &after.c)
      } else {
        T.adam(update, n, &after.p, after.g, &after.a, &after.b, nil)
      }
      after.check("Adam", before, tolerance: tolerance) { p, g, a, b, c in
        let shrunk = p * 0.999
        let d = (maximize ? -g : g) + 0.02 * shrunk
        let m = a + (d - a) * 0.1
        let v = 0.99 * b + 0.01 * d * d
        let used = keepsLargest ? max(c, v) : v
        return (shrunk - 0.05 * m / (used.squareRoot() / 0.8 + 1e-4), m, v, keepsLargest ? used : c)
      }
    }
  }
}

private func adaptive(_ kind: AdaptiveKind, momentum: Double = 0, isCentered: Bool = false) -> AdaptiveUpdate {
  AdaptiveUpdate(
    kind: kind, rate: 0.1, keep1: 0.9, keep2: 0.95, epsilon: 1e-3, decay: 0.01, shrink: 1, momentum: momentum,
    direct: 0.02, root: 0.7, weight: 0.3, smallest: 1e-6, largest: 50, maximize: false, isCentered: isCentered,
    isRectified: true)
}

private func checkAdaptive<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  func run(
    _ name: String, _ update: AdaptiveUpdate,
    _ formula: (Double, Double, Double, Double, Double) -> (Double, Double, Double, Double)
  ) {
    for n in lengths {
      var before = Update<T>(n)
      before.a = before.a.map { abs($0) }
      before.c = before.c.map { abs($0) }
      var after = before
      T.adaptive(update, n, &after.p, after.g, &after.a, &after.b, &after.c)
      after.check(name, before, tolerance: tolerance, formula)
    }
  }
  run("RMSprop with momentum, centered", adaptive(.rmsprop, momentum: 0.5, isCentered: true)) { p, g, a, b, c in
    let d = g + 0.01 * p
    let square = 0.9 * a + 0.1 * d * d
    let mean = c + (d - c) * 0.1
    let step = 0.5 * b + d / (max(square - mean * mean, 0).squareRoot() + 1e-3)
    return (p - 0.1 * step, square, step, mean)
  }
  run("Adagrad", adaptive(.adagrad)) { p, g, a, b, c in
    let d = g + 0.01 * p
    return (p - 0.1 * d / ((a + d * d).squareRoot() + 1e-3), a + d * d, b, c)
  }
  run("Adadelta", adaptive(.adadelta)) { p, g, a, b, c in
    let d = g + 0.01 * p
    let square = 0.9 * a + 0.1 * d * d
    let e = d * (b + 1e-3).squareRoot() / (square + 1e-3).squareRoot()
    return (p - 0.1 * e, square, 0.9 * b + 0.1 * e * e, c)
  }
  run("Adamax", adaptive(.adamax)) { p, g, a, b, c in
    let d = g + 0.01 * p
    let m = a + (d - a) * 0.1
    let largest = max(0.95 * b, abs(d) + 1e-3)
    return (p - 0.1 * m / largest, m, largest, c)
  }
  run("RAdam", adaptive(.radam)) { p, g, a, b, c in
    let d = g + 0.01 * p
    let m = a + (d - a) * 0.1
    let v = 0.95 * b + 0.05 * d * d
    return (p - 0.1 * m / (v.squareRoot() + 1e-3), m, v, c)
  }
  run("ASGD", adaptive(.asgd)) { p, g, a, b, c in
    let moved = p - 0.1 * (g + 0.01 * p)
    return (moved, a + 0.3 * (moved - a), b, c)
  }
}

@Suite("Optimizer kernels") struct KernelsOptimizerTests {
  @Test("descent, its momentum and Nesterov's follow their formulas")
  func descent() {
    checkDescent(Float.self, tolerance: 1e-6)
    checkDescent(Double.self, tolerance: 1e-14)
  }

  @Test("Adam and AMSGrad follow their formulas")
  func adam() {
    checkAdam(Float.self, tolerance: 3e-6)
    checkAdam(Double.self, tolerance: 1e-13)
  }

  @Test("the adaptive methods follow their formulas")
  func adaptiveMethods() {
    checkAdaptive(Float.self, tolerance: 2e-5)
    checkAdaptive(Double.self, tolerance: 1e-12)
  }

  @Test("Lion moves by the sign, and not at all for 0")
  func lion() {
    var p: [Double] = [1, 1, 1]
    var a: [Double] = [0.5, -0.5, 0]
    let update = AdaptiveUpdate(
      kind: .lion, rate: 0.1, keep1: 0.9, keep2: 0.99, epsilon: 0, decay: 0, shrink: 0.98, momentum: 0, direct: 0,
      root: 1, weight: 0, smallest: 0, largest: 0, maximize: false, isCentered: false, isRectified: false)
    Double.adaptive(update, 3, &p, [0, 0, 0], &a, nil, nil)
    #expect(p == [0.98 - 0.1, 0.98 + 0.1, 0.98])
    #expect(a == [0.495, -0.495, 0])
  }
}
