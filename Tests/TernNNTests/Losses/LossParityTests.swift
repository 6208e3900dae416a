import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Losses as modules against PyTorch's, in Double: their saved weights, values and gradients.
@Suite struct LossParityTests {
  /// Makes a module and compares it.
  typealias Comparison = @Sendable (ParityFixture, String) throws -> Void

  /// Losses by the names of the fixture. Weights come from the state.
  static let losses: [String: Comparison] = [
    "l1_loss": { try against($0, $1, MeanAbsoluteErrorLoss()) { $0($1, $2) } },
    "mse_loss": { try against($0, $1, MeanSquaredErrorLoss(reduction: .sum)) { $0($1, $2) } },
    "huber_loss": { try against($0, $1, HuberLoss(delta: 0.4, reduction: .none)) { $0($1, $2) } },
    "smooth_l1_loss": { try against($0, $1, SmoothL1Loss(beta: 0.4)) { $0($1, $2) } },
    "cross_entropy_loss": {
      try against($0, $1, CrossEntropyLoss(weight: ones, labelSmoothing: 0.1)) { $0($1, $2 as Tensor<Int>) }
    },
    "cross_entropy_loss_probabilities": {
      try against($0, $1, CrossEntropyLoss<Double>()) { $0($1, $2 as Tensor<Double>) }
    },
    "nll_loss": { try against($0, $1, NegativeLogLikelihoodLoss(weight: ones, ignoring: 0)) { $0($1, $2) } },
    "bce_loss": { try against($0, $1, BinaryCrossEntropyLoss(weight: ones)) { $0($1, $2) } },
    "bce_with_logits_loss": {
      try against($0, $1, BinaryCrossEntropyWithLogitsLoss(weight: ones, positiveWeight: ones)) { $0($1, $2) }
    },
    "kl_div_loss": {
      try against($0, $1, KLDivergenceLoss(targetIsLogarithm: true, reduction: .sum)) { $0($1, $2) }
    },
    "poisson_nll_loss": { try against($0, $1, PoissonNLLLoss(full: true)) { $0($1, $2) } },
    "gaussian_nll_loss": { fixture, name in
      let target: Tensor<Double> = try fixture.tensor("\(name)/target")
      try fixture.expectParity(GaussianNLLLoss(full: true), name) { $0($1[0], target, variance: $1[1]) }
    },
    "hinge_embedding_loss": { try against($0, $1, HingeEmbeddingLoss(margin: 0.8)) { $0($1, $2) } },
    "soft_margin_loss": { try against($0, $1, SoftMarginLoss()) { $0($1, $2) } },
    "multi_margin_loss": { try against($0, $1, MultiMarginLoss(p: 2, margin: 0.7, weight: ones)) { $0($1, $2) } },
    "multi_label_margin_loss": { try against($0, $1, MultiLabelMarginLoss(reduction: .none)) { $0($1, $2) } },
    "multi_label_soft_margin_loss": {
      try against($0, $1, MultiLabelSoftMarginLoss(weight: ones, reduction: .sum)) { $0($1, $2) }
    },
    "ctc_loss": { fixture, name in
      let targets: Tensor<Int> = try fixture.tensor("\(name)/target")
      try fixture.expectParity(CTCLoss(zeroInfinity: true), name) {
        $0($1[0].logSoftmax(), targets, inputLengths: [6, 4], targetLengths: [3, 2])
      }
    },
    "cosine_embedding_loss": { try ofPairs($0, $1, CosineEmbeddingLoss(margin: 0.2)) { $0($1, $2, $3) } },
    "margin_ranking_loss": { try ofPairs($0, $1, MarginRankingLoss(margin: 0.3)) { $0($1, $2, $3) } },
    "triplet_margin_loss": {
      try $0.expectParity(TripletMarginLoss(margin: 2, p: 3, swap: true), $1) { $0($1[0], $1[1], $1[2]) }
    },
    "triplet_margin_with_distance_loss": {
      let loss = TripletMarginWithDistanceLoss<Double>(margin: 3) { ($0 - $1).abs().sum(along: -1) }
      try $0.expectParity(loss, $1) { $0($1[0], $1[1], $1[2]) }
    },
  ]

  private static var ones: Tensor<Double> { Tensor(ones: [3]) }

  /// A loss of a prediction against a target.
  private static func against<M: Module, Target: TensorScalar>(
    _ fixture: ParityFixture, _ name: String, _ loss: M,
    _ run: (M, Tensor<Double>, Tensor<Target>) -> Tensor<Double>
  ) throws {
    let target: Tensor<Target> = try fixture.tensor("\(name)/target")
    try fixture.expectParity(loss, name) { run($0, $1[0], target) }
  }

  /// A loss of two inputs against a target.
  private static func ofPairs<M: Module>(
    _ fixture: ParityFixture, _ name: String, _ loss: M,
    _ run: (M, Tensor<Double>, Tensor<Double>, Tensor<Double>) -> Tensor<Double>
  ) throws {
    let target: Tensor<Double> = try fixture.tensor("\(name)/target")
    try fixture.expectParity(loss, name) { run($0, $1[0], $1[1], target) }
  }

  @Test("a loss's state, value and gradients are PyTorch's", arguments: losses.keys.sorted())
  func loss(name: String) throws {
    let compare = try #require(LossParityTests.losses[name])
    try compare(ParityFixture(), name)
  }

  @Test func everyLossOfTheFixtureIsCompared() throws {
    let all = try ParityFixture().cases(ending: "loss")
    #expect(all.subtracting(LossParityTests.losses.keys).isEmpty)
  }

  @Test func labelsOutsideStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = multiLabelMargin(Tensor<Float>(zeros: [1, 3]), Tensor<Int>([[0, 3, -1]]))
    }
    expectLine("multiLabelMargin: label 3 in example 0 outside 0..<3", in: result?.standardErrorContent)
  }
}
