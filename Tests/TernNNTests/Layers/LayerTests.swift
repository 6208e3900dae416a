import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Layers against closed forms, PyTorch's numbers, and finite differences.
@Suite struct LayerTests {
  @Test func denseIsAProductAndASum() {
    let layer = Dense<Double>(3, 2)
    layer.weight.value = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    layer.bias?.value = Tensor([0.5, -0.5])
    #expect(layer(Tensor([1, 0, -1], shape: [1, 3])).scalars == [-1.5, -2.5])
    #expect(layer(Tensor<Double>(zeros: [2, 4, 3])).shape == [2, 4, 2])
    #expect(layer(Tensor<Double>([1, 0, -1])).shape == [2])
    #expect(Dense(3, 2, bias: false).bias == nil)
  }

  @Test func denseAndConvolutionStartWithinPyTorchsBounds() {
    Random.with(RandomGenerator(seed: 11)) {
      let dense = Dense<Double>(100, 400)
      let conv = Conv2D<Double>(16, 64, kernelSize: 5, groups: 4)
      for (tensor, fanIn) in [
        (dense.weight.value, 100.0), (dense.bias!.value, 100), (conv.weight.value, 100), (conv.bias!.value, 100),
      ] {
        let bound = 1 / fanIn.squareRoot()
        #expect(tensor.scalars.allSatisfy { abs($0) <= bound })
        #expect(tensor.scalars.contains { abs($0) > 0.9 * bound })
      }
      #expect(abs(dense.weight.value.variance().item * 3 * 100 - 1) < 0.02)
    }
  }

  @Test func convolutionPassesItsArgumentsOn() {
    let layer = Conv2D<Double>(
      4, 6, kernelSize: Pair(3, 2), stride: Pair(2, 1), padding: 1, dilation: Pair(1, 2), groups: 2)
    let x = Tensor<Double>.spread([2, 4, 7, 8])
    let expected = conv2D(
      x, layer.weight.value, bias: layer.bias?.value, stride: Pair(2, 1), padding: 1, dilation: Pair(1, 2), groups: 2)
    #expect(layer(x).scalars == expected.scalars)
    #expect(layer.weight.shape == [6, 2, 3, 2])
    #expect(Conv2D(1, 2, kernelSize: 3, padding: .same)(Tensor(zeros: [1, 1, 5, 6])).shape == [1, 2, 5, 6])
    #expect(Conv2D(1, 2, kernelSize: 3, padding: .valid)(Tensor(zeros: [1, 1, 5, 6])).shape == [1, 2, 3, 4])
  }

  @Test func activationsAreTheFunctionsOfTheirNames() {
    let x = Tensor<Double>([-2, -0.5, 0.5, 2])
    expectClose(ReLU<Double>()(x), [0, 0, 0.5, 2], within: 0)
    expectClose(
      Sigmoid<Double>()(x), [0.11920292202211755, 0.3775406687981454, 0.6224593312018546, 0.8807970779778825],
      within: 1e-15)
    expectClose(
      Tanh<Double>()(x), [-0.9640275800758169, -0.46211715726000973, 0.46211715726000973, 0.9640275800758169],
      within: 1e-15)
    expectClose(LeakyReLU<Double>(slope: 0.1)(x), [-0.2, -0.05, 0.5, 2], within: 1e-16)
    expectClose(LeakyReLU<Double>()(x), [-0.02, -0.005, 0.5, 2], within: 1e-16)
    expectClose(
      GELU<Double>()(x), [-0.04550026389635842, -0.15426876936299344, 0.34573123063700656, 1.9544997361036416],
      within: 1e-15)
    expectClose(
      SiLU<Double>()(x), [-0.2384058440442351, -0.1887703343990727, 0.3112296656009273, 1.7615941559557649],
      within: 1e-15)
    expectClose(Softmax<Double>()(Tensor<Double>([0, 0, 0, 0])), [0.25, 0.25, 0.25, 0.25], within: 1e-16)
    expectClose(Identity<Double>()(x), x.scalars, within: 0)
    expectClose(HardShrink<Double>(lambda: 1)(x), [-2, 0, 0, 2], within: 0)
    expectClose(HardShrink<Double>(lambda: -1)(x), x.scalars, within: 0)
    expectClose(LayerNorm<Double>(2)(Tensor([1, 3, 5, 5], shape: [2, 2])), [-0.999995, 0.999995, 0, 0], within: 1e-9)
    #expect(Softmax(axis: 1)(Tensor(zeros: [1, 2, 4])).scalars == Array(repeating: 0.5, count: 8))
  }

  @Test func poolingAndFlattening() {
    let x = Tensor<Float>((0..<16).map(Float.init), shape: [1, 1, 4, 4])
    #expect(MaxPool2D(2)(x).scalars == [5, 7, 13, 15])
    #expect(AvgPool2D(2)(x).scalars == [2.5, 4.5, 10.5, 12.5])
    #expect(AvgPool2D(3, stride: 3, padding: 1, countsPadding: false)(x).scalars == [2.5, 4.5, 10.5, 12.5])
    #expect(AdaptiveAvgPool2D(1)(x).scalars == [7.5])
    #expect(MaxPool2D(3, stride: 2, padding: 1)(x).shape == [1, 1, 2, 2])
    #expect(Flatten()(Tensor(zeros: [2, 3, 4, 5])).shape == [2, 60])
    #expect(Flatten(from: 0, to: 1)(Tensor(zeros: [2, 3, 4, 5])).shape == [6, 4, 5])
  }

  @Test func aResidualAddsItsShortcut() {
    let x = Tensor<Double>([1, -2], shape: [1, 2])
    #expect(Residual<Double> { ReLU() }(x).scalars == [2, -2])
    let shortcut = Dense<Double>(2, 2, bias: false)
    shortcut.weight.value = Tensor([0, 1, 1, 0], shape: [2, 2])
    #expect(Residual<Double>(Identity(), shortcut: shortcut)(x).scalars == [-1, -1])
    #expect(Residual(Dense(2, 2))(Tensor(zeros: [3, 2])).shape == [3, 2])
    let model = Residual(shortcut: Dense(2, 3, bias: false)) { Dense(2, 3) }
    #expect(model.namedParameters.map(\.name) == ["body.0.weight", "body.0.bias", "shortcut.weight"])
  }

  static let checked: [(String, @Sendable () -> any Layer<Double>, [Int])] = [
    ("Dense", { Dense<Double>(3, 4) }, [2, 3]),
    ("Conv2D", { Conv2D<Double>(2, 4, kernelSize: 3, stride: 2, padding: 1, groups: 2) }, [2, 2, 4, 5]),
    ("BatchNorm1d", { BatchNorm1d<Double>(3) }, [4, 3]),
    ("BatchNorm1d of sequences", { BatchNorm1d<Double>(3) }, [2, 3, 3]),
    ("BatchNorm2d", { BatchNorm2d<Double>(2, momentum: nil) }, [2, 2, 2, 3]),
    ("BatchNorm2d, not affine", { BatchNorm2d<Double>(2, affine: false, tracking: false) }, [2, 2, 2, 2]),
    ("Dropout", { Dropout<Double>(0.4, generator: RandomGenerator(seed: 8)) }, [3, 4]),
    ("Dropout of the global generator", { Dropout<Double>(0.4) }, [3, 4]),
    ("ReLU", { ReLU<Double>() }, [3, 3]),
    ("LeakyReLU", { LeakyReLU<Double>() }, [3, 3]),
    ("Sigmoid", { Sigmoid<Double>() }, [3, 3]),
    ("Tanh", { Tanh<Double>() }, [3, 3]),
    ("GELU", { GELU<Double>() }, [3, 3]),
    ("SiLU", { SiLU<Double>() }, [3, 3]),
    ("LayerNorm", { LayerNorm<Double>(2, 3) }, [2, 2, 3]),
    ("Softmax", { Softmax<Double>(axis: 1) }, [2, 3, 2]),
    ("MaxPool2D", { MaxPool2D<Double>(2) }, [1, 2, 4, 4]),
    ("AvgPool2D", { AvgPool2D<Double>(3, stride: 2, padding: 1) }, [1, 2, 4, 5]),
    ("AdaptiveAvgPool2D", { AdaptiveAvgPool2D<Double>(2) }, [1, 2, 5, 3]),
    ("Flatten", { Flatten<Double>() }, [2, 2, 3]),
    (
      "Residual",
      {
        Residual<Double>(shortcut: Dense(3, 2)) {
          Dense(3, 4); Tanh(); Dense(4, 2)
        }
      }, [2, 3]
    ),
    ("GhostModule", { GhostModule<Double>(2, 3, activation: { Tanh() }) }, [2, 2, 3, 3]),
    ("SqueezeExcitation", { SqueezeExcitation<Double>(3, reduced: 2) }, [2, 3, 2, 3]),
    ("GhostBottleneck", { GhostBottleneck<Double>(2, 4, 3, stride: 2, squeeze: 1) }, [2, 2, 3, 4]),
    (
      "Sequential",
      {
        Sequential<Double> {
          Conv2D(1, 2, kernelSize: 3, padding: 1)
          BatchNorm2d(2)
          Tanh()
          AvgPool2D(2)
          Dropout(0.3)
          Flatten()
          Dense(8, 2)
        }
      }, [2, 1, 4, 4]
    ),
  ]

  @Test(arguments: checked.indices) func gradientsAreThoseOfFiniteDifferences(index: Int) {
    let (name, make, shape) = Self.checked[index]
    func check(_ layer: some Layer<Double>) {
      layer.spreadParameters()
      for mode in [ModuleMode.training, .evaluation] {
        // Tests beside this one draw from the global generator.
        let result = Random.with(RandomGenerator(seed: 12)) {
          layer.with(mode) { checkGradients(of: layer, at: .spread(shape, from: 3)) }
        }
        #expect(result.passes(), "\(name) in \(mode): \(result)")
      }
    }
    check(make())
  }

  @Test func aGradientCheckLeavesNoTrace() {
    let generator = RandomGenerator(seed: 5)
    let model = Sequential<Double> {
      BatchNorm1d(3)
      Dropout(0.5, generator: generator)
      Dense(3, 2)
    }
    let before = model.state.map { $0.tensor(Double.self)?.scalars ?? [Double($0.tensor(Int.self)!.item)] }
    let own = generator.state
    Random.with(RandomGenerator(seed: 3)) {
      let task = Random.generator.state
      #expect(checkGradients(of: model, at: .spread([4, 3])).passes())
      #expect(Random.generator.state == task)
    }
    #expect(model.state.map { $0.tensor(Double.self)?.scalars ?? [Double($0.tensor(Int.self)!.item)] } == before)
    #expect(generator.state == own)
    #expect(model.parameters.allSatisfy { ($0 as? Parameter<Double>)?.substitute == nil })
    #expect(model.parameters.allSatisfy { ($0 as? Parameter<Double>)?.gradient == nil })
  }

  /// Twice what it should be.
  private final class Wrong: Layer {
    let gain = Parameter(Tensor<Double>([2, 3]))
    func forward(_ input: Tensor<Double>) -> Tensor<Double> { input * gain.value * gain.value.detached() }
  }

  @Test func aWrongGradientIsFoundAndNamed() {
    let result = checkGradients(of: Wrong(), at: .spread([2]), order: 1)
    #expect(!result.passes())
    #expect(result.worst.contains { $0.contains("gain, element") }, "\(result)")
  }
}
