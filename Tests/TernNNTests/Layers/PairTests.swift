import TernNN
import TernTensor
import Testing

@Suite struct PairTests {
  @Test func layersTakeVariablesAndArrays() {
    let (k, s) = (3, 2)
    let tall = [5, k]
    let x = Tensor<Float>(zeros: [1, 2, 12, 12])
    #expect(Conv2D(2, 4, kernelSize: k, stride: s)(x).shape == [1, 4, 5, 5])
    #expect(Conv2D(2, 4, kernelSize: tall, stride: [1, s], padding: k / 2)(x).shape == [1, 4, 10, 6])
    #expect(Conv2D(2, 4, kernelSize: [1, k], padding: [0, k / 2], dilation: s - 1)(x).shape == [1, 4, 12, 12])
    #expect(Conv2D(2, 4, kernelSize: k, padding: .same)(x).shape == [1, 4, 12, 12])
    #expect(Conv2D(2, 4, kernelSize: Pair(k), padding: Padding2D(1, 2))(x).shape == [1, 4, 12, 14])
    #expect(Conv2D(2, 4, kernelSize: Pair(k), padding: Pair(1, 2))(x).shape == [1, 4, 12, 14])
    #expect(MaxPool2D(k, stride: s, padding: Pair(1, 0))(x).shape == [1, 2, 6, 5])
    #expect(Conv2D<Float>(2, 4, kernelSize: k, padding: .valid).padding == Padding2D(0))
    #expect(
      ConvTranspose2D(2, 4, kernelSize: k, stride: s, padding: 1, outputPadding: s - 1)(x).shape == [1, 4, 24, 24])
    #expect(MaxPool2D(s)(x).shape == [1, 2, 6, 6])
    #expect(MaxPool2D(k, stride: s, padding: [1, 0])(x).shape == [1, 2, 6, 5])
    #expect(AvgPool2D([1, k], stride: [1, s])(x).shape == [1, 2, 12, 5])
    #expect(AdaptiveAvgPool2D(s)(x).shape == [1, 2, s, s])
    #expect(Unfold(k, stride: s)(x).shape == [1, 18, 25])
    #expect(ZeroPad2D(s)(x).shape == [1, 2, 16, 16])
    #expect(ZeroPad2D([1, s])(x).shape == [1, 2, 14, 16])
    #expect(GhostModule(2, 4, stride: s)(x).shape == [1, 4, 6, 6])
    let line = Tensor<Float>(zeros: [1, 2, 12])
    #expect(Conv1D(2, 4, kernelSize: k, padding: k / 2)(line).shape == [1, 4, 12])
    #expect(Conv1D(2, 4, kernelSize: k, padding: .same)(line).shape == [1, 4, 12])
    #expect(ZeroPad1D(s)(line).shape == [1, 2, 16])
  }

  @Test func functionsTakeVariablesAndArrays() {
    let (k, s) = (3, 2)
    let (x, w) = (Tensor<Float>(zeros: [1, 2, 12, 12]), Tensor<Float>(zeros: [4, 2, k, k]))
    #expect(conv2D(x, w, stride: s, padding: k / 2).shape == [1, 4, 6, 6])
    #expect(conv2D(x, w, padding: .same, dilation: s - 1).shape == [1, 4, 12, 12])
    #expect(maxPool2D(x, kernelSize: s).shape == [1, 2, 6, 6])
    #expect(avgPool2D(x, kernelSize: [1, k], stride: s).shape == [1, 2, 6, 5])
    #expect(adaptiveMaxPool2D(x, outputSize: k).shape == [1, 2, 3, 3])
  }
}
