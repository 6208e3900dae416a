import TernNN
import TernTensor
import TernTestSupport
import Testing

/// The one line that a wrong call ends with.
@Suite struct LayerMessageTests {
  final class Classifier: Layer {
    let body = Sequential {
      Flatten()
      ReLU()
    }
    let head = Dense(128, 10)
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { head(body(x)) }
  }

  @Test func theLayersPathStandsAtTheEnd() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Classifier()(Tensor(zeros: [32, 1, 28, 28]))
    }
    expectLine(
      "Dense: input [32, 784] has 784 features, the layer takes 128 in head", in: result?.standardErrorContent)
  }

  @Test func anOperationsMessageNamesTheLayerToo() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Sequential {
        Sequential { MaxPool2D(3) }
      }
      _ = model(Tensor(zeros: [1, 1, 2, 9]))
    }
    expectLine(
      "maxPool2D: kernel 3×3 is larger than the padded input (3×3 > 2×9) in 0.0", in: result?.standardErrorContent)
  }

  @Test func afterALayerReturnedItIsNotNamed() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dense(2, 1)(Tensor(zeros: [1, 2]))
      _ = Tensor<Float>(zeros: [2]).reshaped([3])
    }
    let written = text(result?.standardErrorContent)
    #expect(written.contains("reshaped: ") && !written.contains(" in Dense"))
  }

  @Test func oneValuePerChannel() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Sequential {
        Identity()
        BatchNorm2d(32)
      }
      _ = model(Tensor(zeros: [1, 32, 1, 1]))
    }
    expectLine(
      "batchNorm: one value per channel in training ([1, 32, 1, 1]): its variance says nothing in 1",
      in: result?.standardErrorContent)
  }

  @Test func channelsAndRanksOfBatchNorm() async {
    let channels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = BatchNorm2d(8)(Tensor(zeros: [2, 3, 4, 4]))
    }
    expectLine(
      "BatchNorm2d: input [2, 3, 4, 4] has 3 channels, the layer 8 in BatchNorm2d<Float>",
      in: channels?.standardErrorContent)
    let images = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = BatchNorm2d(8)(Tensor(zeros: [2, 8]))
    }
    expectLine("BatchNorm2d: input [2, 8] is not [N, C, H, W] in BatchNorm2d<Float>", in: images?.standardErrorContent)
    let vectors = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = BatchNorm1d(8)(Tensor(zeros: [2, 8, 1, 1]))
    }
    expectLine(
      "BatchNorm1d: input [2, 8, 1, 1] is neither [N, C] nor [N, C, L] in BatchNorm1d<Float>",
      in: vectors?.standardErrorContent)
  }

  @Test func channelsOfAConvolution() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Conv2D(3, 8, kernelSize: 3)(Tensor(zeros: [2, 1, 8, 8]))
    }
    let written = text(result?.standardErrorContent)
    #expect(written.contains("conv2D: ") && written.contains("[2, 1, 8, 8]") && written.contains(" in Conv2D<Float>\n"))
    let groups = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Conv2D(3, 8, kernelSize: 3, groups: 2)
    }
    expectLine("Conv2D: 2 groups do not divide 3 input and 8 output channels", in: groups?.standardErrorContent)
  }

  @Test func ghostModulesThatCannotBe() async {
    let ratio = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GhostModule(4, 8, ratio: 1)
    }
    expectLine(
      "GhostModule: a ratio of 1: at least 2 leaves something to cheap operations", in: ratio?.standardErrorContent)
    let kernel = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GhostBottleneck(4, 8, 4, kernelSize: 4)
    }
    expectLine("GhostBottleneck: a kernel of 4×4: its extent has to be odd", in: kernel?.standardErrorContent)
    let share = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SqueezeExcitation(8, share: 0)
    }
    expectLine("SqueezeExcitation: a share of 0.0", in: share?.standardErrorContent)
  }

  @Test func shapesOfAResidual() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Residual { Dense(4, 2) }(Tensor(zeros: [3, 4]))
    }
    expectLine(
      "residual: the body gives [3, 2], the shortcut [3, 4] for input [3, 4] in Residual<Float>",
      in: result?.standardErrorContent)
  }

  @Test func numbersThatMakeNoLayer() async {
    let dropout = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dropout(1.5)
    }
    expectLine("Dropout: a probability of 1.5", in: dropout?.standardErrorContent)
    let dense = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dense(0, 3)
    }
    expectLine("Dense: from 0 to 3 features", in: dense?.standardErrorContent)
  }
}
