import Tern
import TernExperiments
import Testing

@Suite struct VanishingGradientTests {
  private let split = Digits.split
  private var batch: LabeledBatch<Float, Int> {
    ImageDataset(split.train, standardization: Standardization(of: split.train)).batch(Array(0..<200))
  }

  private func measure(_ kind: DeepNetwork.Kind, depth: Int) -> DeepNetwork.Measurement {
    DeepNetwork(kind, depth: depth, images: split.train, seed: 1).measure(batch)
  }

  @Test func everyLayerIsMeasured() {
    for kind in DeepNetwork.Kind.allCases {
      let found = measure(kind, depth: 5)
      #expect(found.norms.count == 5 && found.norms.allSatisfy { $0 > 0 && $0.isFinite }, "\(kind)")
      #expect(found.saturated.count == (kind == .residual ? 4 : 5) && found.saturated.allSatisfy { 0...1 ~= $0 })
    }
  }

  @Test func gradientsVanishInSigmoidsExplodeWithLargeWeightsAndStayOtherwise() {
    let ratio = { (kind: DeepNetwork.Kind) in self.measure(kind, depth: 20).ratio }
    #expect(ratio(.sigmoid) < 1e-8, "\(ratio(.sigmoid))")
    #expect(ratio(.large) > 1e3, "\(ratio(.large))")
    for kind in [DeepNetwork.Kind.relu, .residual] { #expect(0.05...50 ~= ratio(kind), "\(kind): \(ratio(kind))") }
    #expect(ratio(.batchNorm) > 1e4 * ratio(.sigmoid), "\(ratio(.batchNorm))")
  }

  @Test func aMeasurementIsThatOfTheGradientAlone() throws {
    let network = DeepNetwork(.sigmoid, depth: 2, images: split.train, seed: 3)
    let found = network.measure(batch)
    let weights = network.model.namedParameters.filter { $0.parameter.shape.count == 2 }
    let loss = crossEntropy(network.model(batch.inputs), batch.labels)
    loss.backward()
    for (norm, (name, parameter)) in zip(found.norms, weights) {
      let gradient = try #require((parameter as? Parameter<Float>)?.gradient)
      #expect(abs(Double(gradient.norm().item) - norm) < 1e-5 * norm, "\(name)")
    }
  }
}
