import TernModels
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Networks of the collection in bfloat16: near Float's, and the same bits whether weights were packed before or not.
@Suite struct PrecisionModelTests {
  @Test func patchTransformer() {
    let configuration = VisionTransformerConfiguration(imageSize: 32, patchSize: 4, features: 64, layers: 2, heads: 2)
    let model = Random.with(RandomGenerator(seed: 1)) { PatchTransformer(configuration, classes: 10) }
    check(model, [3, 3, 32, 32])
  }

  @Test func residualNetwork() {
    let model = Random.with(RandomGenerator(seed: 1)) { ResNet(.resNet18, classes: 10) }
    check(model, [2, 3, 32, 32])
  }

  @Test func efficientNet() {
    let model = Random.with(RandomGenerator(seed: 1)) { EfficientNet(.b0, classes: 10) }
    check(model, [2, 3, 64, 64])
  }

  private func check(
    _ model: some Layer<Float>, _ input: [Int], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    model.eval()
    let x = Tensor<Float>(randomNormal: input, generator: RandomGenerator(seed: 2))
    func answers(_ precision: FloatPrecision) -> [Tensor<Float>] {
      // A copy has weights that nobody has packed; the calls after the first find them packed.
      let copy = model.copy()
      copy.eval()
      return (0..<3).map { _ in withPrecision(precision) { withoutGradients { copy(x) } } }
    }
    let (float, rounded) = (answers(.float32), answers(.bfloat16))
    for found in float { #expect(found == float[0], sourceLocation: sourceLocation) }
    for found in rounded { #expect(found == rounded[0], sourceLocation: sourceLocation) }
    #expect(relativeDifference(rounded[0], float[0]) < 0.05, sourceLocation: sourceLocation)
    // In evaluation, but recorded: layer by layer.
    let recorded = model(x).detached()
    #expect(relativeDifference(recorded, float[0]) < 1e-4, sourceLocation: sourceLocation)
  }
}
