import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Layers that run as one give what they give apart, which is how they run while somebody watches.
@Suite struct FusionTests {
  private func convolved(_ inputs: Int, _ outputs: Int, stride: Int = 1) -> [any Layer<Float>] {
    [
      Conv2D(inputs, outputs, kernelSize: 3, stride: Pair(stride), padding: 1, bias: false), BatchNorm2d(outputs),
    ]
  }

  private func network() -> Sequential<Float> {
    Sequential {
      Sequential(convolved(3, 6)); ReLU()
      Residual(Sequential(convolved(6, 6) + [ReLU()] + convolved(6, 6))); ReLU()
      Residual(
        Sequential(convolved(6, 8, stride: 2) + [ReLU()] + convolved(8, 8)),
        shortcut: Sequential {
          Conv2D(6, 8, kernelSize: 1, stride: 2, bias: false); BatchNorm2d(8)
        })
      BatchNorm2d(8); ReLU()
      Dropout(0.5); BatchNorm2d(8)
      Conv2D(8, 7, kernelSize: 2); ReLU()
      Conv2D(7, 7, kernelSize: 3, padding: 1, groups: 7); BatchNorm2d(7, affine: false)
      Flatten(); Dense(7 * 4 * 3, 9); ReLU(); Dense(9, 4)
    }
  }

  /// Results, gradients and running statistics of a step in training, and the results in evaluation.
  private func run(watched: Bool) -> [[Float]] {
    Random.with(RandomGenerator(seed: 7)) {
      let model = network()
      let observation = watched ? model.observe { (_: LayerCall<Float>) in } : nil
      let input = Tensor<Float>(randomNormal: [5, 3, 9, 7]).asVariable()
      let output = model(input)
      (output * output).sum().backward()
      let derivatives = model.parameters.compactMap { ($0 as? Parameter<Float>)?.gradient?.scalars }
      let statistics = model.namedBuffers.compactMap { ($0.buffer as? Buffer<Float>)?.value.scalars }
      model.eval()
      let evaluated = [withoutGradients { model(input) }, model(input)].map(\.scalars)
      return withExtendedLifetime(observation) {
        [output.scalars, input.gradient!.scalars] + derivatives + statistics + evaluated
      }
    }
  }

  @Test func fusedLayersGiveWhatTheyGiveApart() {
    let (fused, apart) = (run(watched: false), run(watched: true))
    #expect(fused.count == apart.count)
    for (index, pair) in zip(fused, apart).enumerated() {
      let off = relativeDifference(Tensor(pair.0), Tensor(pair.1))
      #expect(off < 2e-5, "number \(index) is off by \(off)")
    }
  }

  @Test func evaluationLeavesItsInputAsItWas() {
    let model = Sequential {
      BatchNorm1d(3); ReLU()
    }
    model.eval()
    let x = Tensor<Float>([[-1, 2, -3], [4, -5, 6]])
    let before = x.scalars
    let output = withoutGradients { model(x) }
    #expect(x.scalars == before && output.scalars != before)
    // A layer that hands its input on does not hand on the right to write it.
    let through = Sequential {
      Identity(); BatchNorm1d(3)
    }
    through.eval()
    _ = withoutGradients { through(x) }
    #expect(x.scalars == before)
  }

  @Test func monitorsSeeEveryLayer() {
    let model = network()
    let paths = Paths()
    let observation = model.observe { (call: LayerCall<Float>) in paths.add(call.path) }
    _ = model(Tensor<Float>(randomNormal: [2, 3, 9, 7]))
    withExtendedLifetime(observation) {}
    #expect(Set(paths.all) == Set(model.namedModules.map(\.name)))
  }
}

private final class Paths: @unchecked Sendable {
  private(set) var all: [String] = []
  func add(_ path: String) { all.append(path) }
}
