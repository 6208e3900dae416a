import Foundation
import Tern
import TernExperiments
import Testing

private let mnist = sharedFolder("data/mnist")
private let reference = sharedFolder("reference/bn_mnist")

/// The network of sigmoids with and without batch norm: its parts, and the first steps of the reference's curves.
@Suite struct BatchNormTests {
  @Test func theNetworkIsThatOfThePaper() throws {
    let images = Digits.split.train
    for normalization in [SigmoidNetwork.Normalization.none, .batch(), .batch(affine: false)] {
      let model = SigmoidNetwork.make(images, normalization, deviation: 0.3, seed: 5)
      let weights = model.namedParameters.filter { $0.parameter.shape.count == 2 }
      #expect(weights.map(\.parameter.shape) == [[100, 64], [100, 100], [100, 100], [10, 100]])
      for case let (name, weight as Parameter<Float>) in weights {
        let deviation = weight.value.standardDeviation().item
        #expect(abs(deviation - 0.3) < 0.02, "\(name): \(deviation)")
      }
      for case let (name, bias as Parameter<Float>) in model.namedParameters where name.hasSuffix("bias") {
        #expect(bias.value.scalars.allSatisfy { $0 == 0 }, "\(name)")
      }
      // γ and β in place of the layers' biases, or neither.
      #expect(model.parameters.count == (normalization == .none ? 8 : normalization == .batch() ? 11 : 5))
    }
    let (one, two) = (SigmoidNetwork.make(images, .batch(), seed: 1), SigmoidNetwork.make(images, .none, seed: 1))
    let first = [one, two].map { ($0.layers[1] as? Dense<Float>)?.weight.value.scalars }
    #expect(first[0] == first[1], "both begin with the same weights")
  }

  @Test func percentilesOfKnownInputs() {
    var percentiles = InputPercentiles()
    // Two units over 101 samples: 0…100 in some order, and a tenth of it.
    let values = (0..<101).map { Float($0 * 37 % 101) }
    percentiles.add(Tensor(values.flatMap { [$0, $0 / 10 - 5] }, shape: [101, 2]), step: 1)
    #expect(percentiles.points[0].values.map { $0[0] } == [15, 50, 85])
    #expect(zip(percentiles.points[0].values.map { $0[1] }, [-3.5, 0, 3.5]).allSatisfy { abs($0 - $1) < 1e-5 })
    // Between samples: 15 % of the way from 0 to 1 over two.
    var pair = InputPercentiles()
    pair.add(Tensor([0, 2], shape: [2, 1]), step: 1)
    #expect(zip(pair.points[0].values, [0.3, 1, 1.7]).allSatisfy { abs($0[0] - $1) < 1e-6 })
    // Moved by 35 and stretched to twice: distances 20, 35 + …, over the final spread.
    percentiles.add(Tensor(values.flatMap { [2 * $0, $0 / 10 - 5] }, shape: [101, 2]), step: 2)
    #expect(abs(percentiles.unrest - (15.0 + 50 + 85) / 3 / 140 / 2) < 1e-6, "\(percentiles.unrest)")
    #expect(abs(percentiles.growth - 2) < 1e-5, "\(percentiles.growth)")
  }

  @Test func onDigitsItLearnsFasterAndItsInputsAreSteadier() {
    let split = Digits.split
    let test = ImageDataset(split.test)
    let probe = test.batch(Array(0..<test.count)).inputs
    let found = [SigmoidNetwork.Normalization.none, .batch()].map { normalization in
      let training = SigmoidNetwork.training(split.train, normalization, seed: 1)
      let below = SigmoidNetwork.belowLastSigmoid(training.model)
      var percentiles = InputPercentiles()
      let curve = AccuracyCurve(
        "digits", training, steps: 2500, at: [100, 500], on: test, ExperimentContext(),
        notice: { percentiles.add(withoutGradients { below.with(.evaluation) { below(probe) } }, step: $0) })
      #expect(curve.points.map(\.step) == [100, 500, 2500])
      return (early: curve.accuracy(at: 500) ?? .nan, last: curve.last, growth: percentiles.growth)
    }
    #expect(found[0].early < 0.2 && found[1].early > 0.9, "\(found)")
    #expect(found[0].last < found[1].last - 0.05 && found[1].last > 0.95, "\(found)")
    #expect(found[0].growth > 5 && found[1].growth < 2, "\(found)")
  }

  @Test(
    .enabled("MNIST and its reference are not there (TERN_SHARED names their folder)") {
      mnist != nil && reference != nil
    }, arguments: [false, true])
  func theCurvesAreNearTheReferenceAfterAThousandSteps(isNormalized: Bool) throws {
    let split = try ImageSplit.read(#require(mnist))
    let curves = try SigmoidReference(file: #require(reference) + "/table.json")
    let training = SigmoidNetwork.training(split.train, isNormalized ? .batch() : .none, seed: 1)
    let curve = AccuracyCurve(
      "mnist", training, steps: 1000, at: [], on: ImageDataset(split.test), ExperimentContext())
    let expected = try #require(curves.accuracy(isNormalized: isNormalized, at: 1000))
    #expect(abs(curve.last - expected) < 0.1, "\(curve.last), \(expected) expected")
  }

  @Test func aReferenceIsReadAndAWrongOneRefused() throws {
    let file = NSTemporaryDirectory() + "tern-reference-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: file)) }
    try write(
      """
      {"table": [{"bn": true, "lr": 0.1, "std": 0.1, "test_acc": {"1000": 0.5, "100": 0.25}},
                 {"bn": true, "lr": 0.1, "std": 0.1, "test_acc": {"1000": 0.75}}]}
      """)
    let found = try SigmoidReference(file: file)
    #expect(found.accuracy(isNormalized: true, at: 1000) == 0.625)
    #expect(found.accuracy(isNormalized: true, at: 500) == nil && found.accuracy(isNormalized: false, at: 100) == nil)
    #expect(found.curves(isNormalized: true).first == [ChartPoint(100, 0.25), ChartPoint(1000, 0.5)])
    for wrong in ["{}", "{\"table\": []}", "{\"table\": [{\"bn\": 1}]}"] {
      try write(wrong)
      let error = #expect(throws: DataError.self) { try SigmoidReference(file: file) }
      #expect(error?.kind == .malformed)
    }
  }
}
