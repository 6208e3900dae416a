import TernNN
import TernTensor
import Testing

/// Losses of what is infinite: cross entropy, where the class has the whole probability and several share it, and others.
@Suite("Losses of infinite logits, weights and vectors") struct InfiniteLogitLossTests {
  private typealias Loss<Scalar: FloatingScalar> = (Tensor<Scalar>, Tensor<Int>) -> Tensor<Scalar>

  private func losses<Scalar: FloatingScalar>(_ classes: Int) -> [(String, Loss<Scalar>)] {
    let ones = Tensor<Scalar>(ones: [classes])
    var rows: [(String, Loss<Scalar>)] = []
    rows.append(("fused", { crossEntropy($0, $1, reduction: .none) }))
    rows.append(("weighted", { crossEntropy($0, $1, weight: ones, reduction: .none) }))
    rows.append(
      (
        "positions",
        { z, y in crossEntropy(z.expandedAxis(at: 2), y.expandedAxis(at: 1), reduction: .none).squeezed(1) }
      ))
    rows.append(
      (
        "probabilities",
        { z, y in crossEntropy(z, y.oneHot(classes: classes).cast(to: Scalar.self), reduction: .none) }
      ))
    rows.append(("log softmax", { z, y in negativeLogLikelihood(z.logSoftmax(along: 1), y, reduction: .none) }))
    // Each row's logits are the bias of a linear map of its own.
    rows.append(
      (
        "linear",
        { z, y in
          let rows = (0..<z.shape[0]).map { i in
            linearCrossEntropy(
              Tensor<Scalar>(ones: [1, 1]), Tensor<Scalar>(zeros: [classes, 1]), y[i].reshaped([1]), bias: z[i],
              reduction: .none)
          }
          return concatenate(rows, along: 0)
        }
      ))
    return rows
  }

  @Test func lossesAndGradients() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, classes: Int, rows: Int) {
      let inf = Scalar.infinity
      func row(_ start: [Scalar]) -> [Scalar] { start + [Scalar](repeating: 0, count: classes - start.count) }
      let table: [[Scalar]] = [
        row([inf, 1, 2]), row([inf, 1, 2]), row([inf, 1, inf]), row([inf, -inf, inf]), row([inf, -inf, 0]),
        row([1, 2, 3]),
      ]
      let half = Scalar(0.693147180559945309)
      let values: [Scalar] = [0, inf, half, inf, inf, 0]
      let labels = [0, 1, 2, 1, 1, 2]
      let shares: [[Scalar]] = [[1, 0, 0], [1, 0, 0], [0.5, 0, 0.5], [0.5, 0, 0.5], [1, 0, 0], []]
      let picks = (0..<rows).map { $0 % table.count }
      let z = Tensor(picks.flatMap { table[$0] }, shape: [rows, classes])
      let y = Tensor(picks.map { labels[$0] })
      let scales = (0..<rows).map { Scalar($0 % 3) - 1 }
      for (name, loss) in losses(classes) as [(String, Loss<Scalar>)] {
        if name == "linear" && rows > 8 { continue }
        let x = z.asVariable()
        let result = loss(x, y)
        let label = "\(name) of \(Scalar.self), \(rows) rows of \(classes)"
        let seed = Tensor(scales)
        let fused = gradients(of: result, at: [x], gradient: seed, retainGraph: true)[0]
        let recorded = gradients(of: result, at: [x], gradient: seed, createGraph: true)[0]
        for (r, pick) in picks.enumerated() where pick < 5 {
          #expect(abs(result[r].item - values[pick]) < 1e-6 || result[r].item == values[pick], "\(label), row \(r)")
          var wanted = row(shares[pick])
          wanted[labels[pick]] -= 1
          for (what, found) in [("", fused), ("recorded ", recorded)] {
            let close = zip(found[r].scalars, wanted).allSatisfy { abs($0 - $1 * scales[r]) < 1e-6 }
            #expect(close, "\(label), \(what)gradient of row \(r): \(found[r].scalars)")
          }
        }
        #expect(fused.isFinite().all().item, "\(label)")
        if recorded.requiresGradient {
          let second = gradients(of: recorded.sum(), at: [x])[0]
          #expect(second.isFinite().all().item, "second order of \(label)")
        }
      }
    }
    for (classes, rows) in [(3, 6), (3, 40), (40, 12), (300, 6)] {
      check(Float.self, classes: classes, rows: rows)
      check(Double.self, classes: classes, rows: rows)
    }
  }

  @Test func regressionWithInfiniteWeights() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let x = Tensor<Scalar>([0, 1, 5, 2]).asVariable()
      let y = Tensor<Scalar>([0.5, 1, 0, 1])
      let weight = Tensor<Scalar>([.infinity, .infinity, .infinity, 2])
      let inf = Scalar.infinity
      let loss = huber(x, y, weight: weight, reduction: .none)
      #expect(loss.detached().scalars == [inf, 0, inf, 1])
      let first = gradients(of: loss.sum(), at: [x], createGraph: true)[0]
      #expect(gradients(of: loss.sum(), at: [x], retainGraph: true)[0].scalars == [-inf, 0, inf, 2])
      #expect(first.detached().scalars == [-inf, 0, inf, 2])
      #expect(gradients(of: first.sum(), at: [x])[0].scalars == [inf, inf, 0, 2])
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func cosinesOfInfiniteVectors() {
    let a = Tensor<Double>([.infinity, 1, -.infinity, 2], shape: [2, 2]).asVariable()
    let b = Tensor<Double>([3, 4, 3, 4], shape: [2, 2])
    let loss = cosineEmbedding(a, b, Tensor([1, -1]), reduction: .none)
    #expect(abs(loss[0].item - 0.4) < 1e-12 && loss[1].item == 0, "\(loss)")
    #expect(gradients(of: loss.sum(), at: [a])[0].scalars.allSatisfy { $0 == 0 })
  }

  @Test func poissonRatesOfInfinity() {
    let x = Tensor<Float>([.infinity, 200, -.infinity]).asVariable()
    let loss = poissonNLL(x, Tensor([1e30, 1e30, 0]), reduction: .none)
    #expect(loss.detached().scalars == [.infinity, .infinity, 0])
    #expect(gradients(of: loss.sum(), at: [x])[0].scalars == [.infinity, .infinity, 0])
  }
}
