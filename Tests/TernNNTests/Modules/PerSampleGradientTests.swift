import TernBackend
import TernData
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Gradients of each sample beside torch.func's, as `Fixtures/make_transforms.py` writes them, and one after the other.
@Suite struct PerSampleGradientTests {
  private let file: SafetensorsFile

  init() throws { file = try fixture("transforms.safetensors") }

  private func tensor(_ name: String) throws -> Tensor<Double> { try #require(file[name]).tensor() }

  private func expectEqual(
    _ found: Tensor<Double>, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try tensor(name)
    #expect(found.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
    let worst = (found - expected).abs().max().item
    #expect(worst < 1e-10, "\(name) is off by \(worst)", sourceLocation: sourceLocation)
  }

  @Test("gradients of each sample are those of vmap", arguments: [nil, 2])
  func perSample(_ chunk: Int?) throws {
    let model = Sequential<Double> {
      Conv2D<Double>(2, 4, kernelSize: 3, stride: 2, padding: 1, groups: 2)
      GroupNorm<Double>(groups: 2, 4)
      Tanh<Double>()
      Flatten<Double>()
      LayerNorm<Double>(36)
      Dense<Double>(36, 3)
    }
    try model.load(model.state.map { StateEntry(name: $0.name, try tensor("model." + $0.name)) })
    let labels: Tensor<Int> = try #require(file["labels"]).tensor()
    let each = try perSampleGradients(model, tensor("images"), chunk: chunk) { logits, samples in
      crossEntropy(logits, labels[samples], reduction: .none)
    }
    #expect(each.oneByOne == [])
    for (name, _) in model.namedParameters { try expectEqual(each[name]!, "each." + name) }
  }

  /// Layers of all kinds beside one sample after the other.
  @Test func everyFormulaGivesTheGradientsOfOneByOne() {
    final class Words: Layer {
      let words = Embedding<Double>(7, 8, paddingIndex: 2)
      let attention = MultiHeadAttention<Double>(8, heads: 2, batchFirst: true)
      let separate = MultiHeadAttention<Double>(8, heads: 2, keyFeatures: 4, valueFeatures: 8, batchFirst: true)
      let norm = RMSNorm<Double>(8)
      let keys = Dense<Double>(8, 4, bias: false)
      let tokens: Tensor<Int>
      init(_ tokens: Tensor<Int>) { self.tokens = tokens }
      func losses(_ part: Range<Int>) -> Tensor<Double> {
        let tokens = self.tokens[part]
        let mask = tokens .!= 2
        let x = words(tokens)
        let y = norm(x + attention(x, x, x, keyMask: mask))
        let z = separate(y, keys(x), x, causal: true)
        return (z * y).square().sum(along: [1, 2])
      }
      func forward(_ input: Tensor<Double>) -> Tensor<Double> { input }
    }
    func compare<Model: Module>(
      _ model: Model, _ samples: Int, _ oneByOne: [String], _ losses: (Range<Int>) -> Tensor<Double>,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let each = perSampleGradients(model, samples: samples, losses: losses)
      #expect(each.oneByOne == oneByOne, sourceLocation: sourceLocation)
      for (name, parameter) in model.namedParameters {
        guard let parameter = parameter as? Parameter<Double> else { continue }
        for index in 0..<samples {
          let expected = gradients(of: losses(index..<index + 1).sum(), at: [parameter.value])[0]
          let worst = (each[name]![index] - expected).abs().max().item
          #expect(worst < 1e-10, "\(name), sample \(index): \(worst)", sourceLocation: sourceLocation)
        }
      }
      // The gradients clipped to a norm that some are above.
      let squares = each.gradients.values.map { $0.flattened(from: 1).square().sum(along: 1) }
      let norms = squares.dropFirst().reduce(squares[0], +).sqrt()
      let limit = norms.mean().item
      for chunk in [nil, 2] {
        let clipped = clippedGradients(model, samples: samples, norm: limit, chunk: chunk, losses: losses)
        #expect(clipped.oneByOne == oneByOne, sourceLocation: sourceLocation)
        #expect((clipped.norms / norms - 1).abs().max().item < 1e-10, sourceLocation: sourceLocation)
        #expect((clipped.losses - each.losses).abs().max().item < 1e-12 * limit, sourceLocation: sourceLocation)
        let factors = minimum(limit / norms, 1)
        for (name, gradients) in each.gradients {
          let expected = (gradients.flattened(from: 1) * factors.expandedAxis(at: 1)).sum(along: 0)
          let worst = (clipped[name]!.flattened() - expected).abs().max().item
          #expect(worst < 1e-10 * max(1, limit), "\(name): \(worst)", sourceLocation: sourceLocation)
        }
      }
    }
    Random.with(RandomGenerator(seed: 3)) {
      let words = Words(Tensor<Int>([[0, 1, 2], [3, 3, 4], [5, 6, 2], [1, 1, 1]]))
      compare(words, 4, []) { words.losses($0) }
      let images = Tensor<Double>(randomNormal: [3, 2, 6, 5])
      let pictures = Sequential<Double> {
        Conv2D<Double>(2, 4, kernelSize: [3, 2], padding: .same, dilation: 2)
        BatchNorm2d<Double>(4)
        ConvTranspose2D<Double>(4, 2, kernelSize: 3, stride: 2, padding: 1, groups: 2)
        PReLU<Double>(channels: 2)
        ConvTranspose2D<Double>(2, 2, kernelSize: 2)
      }
      pictures.eval()
      compare(pictures, 3, ["3.weight"]) { pictures(images[$0]).square().sum(along: [1, 2, 3]) }
      let series = Tensor<Double>(randomNormal: [3, 4, 9])
      let sequences = Sequential<Double> {
        Conv1D<Double>(4, 6, kernelSize: 3, stride: 2, padding: 1, groups: 2)
        ConvTranspose1D<Double>(6, 2, kernelSize: 3, dilation: 2)
        Dense<Double>(9, 3)
      }
      compare(sequences, 3, []) { sequences(series[$0]).exp().sum(along: [1, 2]) }
      let long = MultiHeadAttention<Double>(4, heads: 2, bias: false)
      let times = Tensor<Double>(randomNormal: [3, 3, 4])
      compare(long, 3, []) {
        let x = times[.all, $0]
        return long(x, x, x).exp().sum(along: [0, 2])
      }
      // As many times as samples, with the times first: a formula would take them for the samples.
      let early = Dense<Double>(4, 2)
      compare(early, 3, ["weight", "bias"]) { early(times[.all, $0]).exp().sum(along: [0, 2]) }
      // Convolutions with strides, dilations and kernels of all kinds.
      for (stride, dilation, kernel) in [(1, 1, [1, 1]), (1, 2, [2, 3]), (2, 1, [3, 2]), (1, 1, [3, 3])] {
        let convolution = Conv2D<Double>(
          2, 3, kernelSize: Pair(kernel[0], kernel[1]), stride: Pair(stride, 1), padding: 1, dilation: dilation)
        compare(convolution, 3, []) { convolution(images[$0]).square().sum(along: [1, 2, 3]) }
      }
      // A weight that is used twice, and once outside its layer.
      let shared = Dense<Double>(4, 4)
      let rows = Tensor<Double>(randomNormal: [4, 4])
      compare(shared, 4, []) { shared(shared(rows[$0]).tanh()).square().sum(along: 1) }
      compare(shared, 4, ["weight"]) {
        (shared(rows[$0]) * matmul(rows[$0], shared.weight.value)).square().sum(along: 1)
      }
      // Outside it with gradient 0 for all samples but the last.
      let gate = Tensor<Double>([0, 0, 0, 1])
      compare(shared, 4, ["bias"]) {
        shared(rows[$0]).square().sum(along: 1) + gate[$0] * shared.bias!.value.sum()
      }
    }
  }

  /// In Float convolutions run by other algorithms than in Double; each image's is that of the image by itself.
  @Test func convolutionsInFloat() {
    let rows: [(Conv2D<Float>, [Int])] = Random.with(RandomGenerator(seed: 4)) {
      [
        (Conv2D(1, 4, kernelSize: 3, padding: 1), [9, 1, 12, 12]),
        (Conv2D(8, 16, kernelSize: 3, padding: 1), [5, 8, 14, 10]),
        (Conv2D(32, 32, kernelSize: 3, padding: 1), [3, 32, 16, 16]),
        (Conv2D(6, 6, kernelSize: 3, groups: 6), [4, 6, 9, 9]),
        (Conv2D(4, 6, kernelSize: 5, stride: 2, padding: 2, groups: 2), [4, 4, 11, 12]),
        (Conv2D(16, 8, kernelSize: 1), [4, 16, 7, 7]), (Conv2D(3, 5, kernelSize: 3, dilation: 2), [4, 3, 9, 9]),
      ]
    }
    for (layer, shape) in rows {
      let images = Random.with(RandomGenerator(seed: 5)) { Tensor<Float>(randomNormal: shape) }
      let each = perSampleGradients(layer, images) { outputs, _ in outputs.square().sum(along: [1, 2, 3]) }
      #expect(each.oneByOne == [], "\(layer)")
      for index in 0..<shape[0] {
        let loss = layer(images[index..<index + 1]).square().sum()
        let found = gradients(of: loss, at: [layer.weight.value, layer.bias!.value])
        for (name, expected) in zip(["weight", "bias"], found) {
          let own = each[name]![index]
          let worst = (own - expected).abs().max().item / expected.abs().max().item
          #expect(own.shape == expected.shape && worst < 2e-5, "\(layer), \(name) of \(index) is off by \(worst)")
        }
      }
    }
  }

  /// Norms of long sequences, and of what does not depend on the parameters.
  @Test func clippedGradientsOfSpecialSamples() {
    Random.with(RandomGenerator(seed: 6)) {
      // So many steps that the gradients take less memory than products of steps.
      let (layer, x) = (Dense<Double>(3, 2), Tensor<Double>(randomNormal: [4, 9, 3]))
      func losses(_ part: Range<Int>) -> Tensor<Double> { layer(x[part]).sin().sum(along: 1, 2) }
      let each = perSampleGradients(layer, samples: 4, losses: losses)
      let norms = (each["weight"]!.square().sum(along: 1, 2) + each["bias"]!.square().sum(along: 1)).sqrt()
      let plain = clippedGradients(layer, samples: 4, norm: .infinity, losses: losses)
      #expect((plain.norms - norms).abs().max().item < 1e-12)
      #expect((plain["weight"]! - each["weight"]!.sum(along: 0)).abs().max().item < 1e-12)
      // Gradients of 0 stay so.
      let zeros = clippedGradients(layer, samples: 4, norm: 1) { layer(x[$0]).sum(along: 1, 2) * 0 }
      #expect(zeros.norms.scalars == [0, 0, 0, 0] && zeros["weight"]! == Tensor(zeros: [2, 3]))
      let constant = clippedGradients(layer, samples: 4, norm: 1) { Tensor<Double>(full: [$0.count], 2) }
      #expect(constant.norms.scalars == [0, 0, 0, 0] && constant["bias"]! == Tensor(zeros: [2]))
      #expect(constant.losses.scalars == [2, 2, 2, 2])
    }
  }

  @Test func aNormOfNothingIsRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let layer = Dense<Float>(2, 3)
      _ = clippedGradients(layer, samples: 4, norm: 0) { Tensor<Float>(zeros: [$0.count]) }
    }
    let message = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
    #expect(message.contains("clippedGradients: a norm of 0.0 (above 0)"))
  }

  @Test func whatMixesSamplesIsRefusedByItsPath() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Sequential<Float> {
        Dense<Float>(2, 3)
        BatchNorm1d<Float>(3)
      }
      _ = perSampleGradients(model, Tensor(zeros: [4, 2])) { outputs, _ in outputs.sum(along: 1) }
    }
    let message = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
    #expect(message.contains("1 is a batch normalization that mixes the samples"))
  }
}
