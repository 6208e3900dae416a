import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// What is found below a module, and under which names.
@Suite struct ModuleTests {
  class Base: Module {
    let firstWeight = Parameter(Tensor<Float>(zeros: [2]))
    let counter = Buffer(Tensor<Int>(0))
  }

  final class Derived: Base {
    let blocks = [Dense(1, 1), Dense(1, 1, bias: false)]
    let shortcut: Dense<Float>? = Dense(2, 1)
    let missing: Dense<Float>? = nil
    let heads = ["b": Dense(1, 1, bias: false), "a": Dense(1, 1, bias: false)]
    let levels = [10: Dense(1, 1, bias: false), 9: Dense(1, 1, bias: false)]
    let pair = (left: Dense(1, 1, bias: false), Dense(1, 1, bias: false))
    let constant = Tensor<Float>(ones: [3])
    let name = "derived"
    private let hiddenGain = Parameter(Tensor<Double>(1))
  }

  @Test func everyKindOfPropertyIsFoundInOrder() {
    let model = Derived()
    #expect(
      model.namedParameters.map(\.name) == [
        "first_weight", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "shortcut.weight", "shortcut.bias",
        "heads.a.weight", "heads.b.weight", "levels.9.weight", "levels.10.weight", "pair.left.weight", "pair.1.weight",
        "hidden_gain",
      ])
    #expect(model.namedBuffers.map(\.name) == ["counter"])
    #expect(
      model.namedModules.map(\.name) == [
        "", "blocks.0", "blocks.1", "shortcut", "heads.a", "heads.b", "levels.9", "levels.10", "pair.left", "pair.1",
      ])
    #expect(model.parameterCount == 2 + 2 + 1 + 3 + 2 + 2 + 2 + 1)
  }

  @propertyWrapper struct Kept<Value> {
    var wrappedValue: Value
  }

  final class Wrapping: Module {
    @Kept var inner = Dense(1, 1, bias: false)
    lazy var outer = Dense(1, 1, bias: false)
    lazy var note = "nothing to learn here"
    init() { _ = outer }
  }

  struct Gains {
    let value = Parameter(Tensor<Float>(1))
    @Kept var extra = Parameter(Tensor<Float>(1))
  }

  final class Grouped: Module {
    let gains = Gains()
    let all = [Gains()]
  }

  @Test func wrappedAndLazyPropertiesKeepTheirNames() {
    #expect(Wrapping().namedParameters.map(\.name) == ["inner.weight", "outer.weight"])
  }

  @Test func structsAreAPartOfThePath() {
    #expect(
      Grouped().namedParameters.map(\.name) == ["gains.value", "gains.extra", "all.0.value", "all.0.extra"])
  }

  final class Delayed: Module {
    lazy var blocks = [Dense(1, 1)]
  }

  @Test func aLazyPropertyThatWasNotMadeStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Delayed().parameters
    }
    expectLine(
      "module: the lazy property blocks of Delayed was not made yet, and what it holds would be left out: read it "
        + "once in the initializer", in: result?.standardErrorContent)
  }

  final class Tied: Module {
    let encoder: Dense<Float>
    let decoder: Dense<Float>
    let scale: Parameter<Float>
    let again: Parameter<Float>
    init() {
      encoder = Dense(3, 3)
      decoder = encoder
      scale = Parameter(Tensor(1))
      again = scale
    }
  }

  @Test func whatIsMetTwiceCountsOnce() {
    let model = Tied()
    #expect(model.namedParameters.map(\.name) == ["encoder.weight", "encoder.bias", "scale"])
    #expect(model.namedModules.map(\.name) == ["", "encoder"])
  }

  final class Ring: Module {
    var next: Ring?
  }

  @Test func aCycleStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let (a, b) = (Ring(), Ring())
      a.next = b
      b.next = a
      _ = a.parameters
    }
    expectLine("module: Ring holds itself: next.next is the module again", in: result?.standardErrorContent)
  }

  final class Renamed: Module {
    let attention = Dense(1, 1, bias: false)
    let body = Dense(1, 1, bias: false)
    var savedNames: [String: String] { ["attention": "self_attn", "body": ""] }
  }

  @Test func namesCanBeReplacedAndLeftOut() {
    #expect(Renamed().namedParameters.map(\.name) == ["self_attn.weight", "weight"])
  }

  @Test(arguments: [
    ("weight", "weight"), ("runningMean", "running_mean"), ("numBatchesTracked", "num_batches_tracked"),
    ("bn1", "bn1"), ("URLPath", "url_path"), ("layerURL", "layer_url"), ("conv2D", "conv2d"),
    ("layer2Norm", "layer2_norm"), ("conv2DBlock", "conv2d_block"),
    ("inProj_weight", "in_proj_weight"),
  ])
  func propertiesInSnakeCase(name: String, expected: String) {
    #expect(snakeCase(name) == expected)
  }

  @Test func gradientsAreForgottenAndParametersFrozen() {
    let model = Dense(2, 1)
    model(Tensor(ones: [1, 2])).sum().backward()
    #expect(model.weight.gradient?.scalars == [1, 1])
    model.zeroGradients()
    #expect(model.weight.gradient == nil && model.bias?.gradient == nil)
    model.freeze()
    #expect(!model(Tensor(ones: [1, 2])).requiresGradient)
    model.unfreeze()
    #expect(model(Tensor(ones: [1, 2])).requiresGradient)
  }
}

/// Training and evaluation.
@Suite struct ModeTests {
  @Test func trainingIsTheDefaultAndReachesEveryModule() {
    let model = Sequential {
      Dropout(0.5)
      Sequential { BatchNorm1d(3) }
    }
    let inner = model.namedModules.compactMap { $0.module as? any ModeDependent }
    #expect(inner.count == 2 && inner.allSatisfy { $0.isTraining })
    model.eval()
    #expect(inner.allSatisfy { !$0.isTraining })
    model.train()
    #expect(inner.allSatisfy { $0.isTraining })
  }

  @Test func aScopePutsEveryModuleBack() throws {
    let (frozen, active) = (BatchNorm1d(3), Dropout(0.5))
    let model = Sequential([frozen, active])
    frozen.isTraining = false
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try model.with(.training) {
        #expect(frozen.isTraining && active.isTraining)
        throw Stop()
      }
    }
    #expect(!frozen.isTraining && active.isTraining)
    let answer = model.with(.evaluation) { active.isTraining }
    #expect(!answer && active.isTraining)
  }
}
