import TernNN
import TernTensor
import Testing

@Suite("Losses of infinite weights, vectors and rates") struct InfiniteLossTests {
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
