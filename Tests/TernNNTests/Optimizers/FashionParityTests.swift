import TernData
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// The folders of the images and of the reference; `nil` where they are not there.
private let sharedFiles: (images: String, reference: String)? = {
  guard let images = sharedFolder("data/fashion-mnist"), let reference = sharedFolder("reference/fashion") else {
    return nil
  }
  return (images, reference)
}()

/// Twenty training steps of a CNN on Fashion-MNIST against PyTorch, from the same weights and batches.
///
/// The images and the reference are not part of the package, see `TERN_SHARED` in CONTRIBUTING.
@Suite(
  .enabled("the Fashion-MNIST images and the reference are not there (TERN_SHARED names their folder)") {
    sharedFiles != nil
  })
struct FashionParityTests {
  final class Network<Scalar: FloatingScalar>: Layer {
    let conv1 = Conv2D<Scalar>(1, 32, kernelSize: 3, padding: 1)
    let bn1 = BatchNorm2d<Scalar>(32)
    let conv2 = Conv2D<Scalar>(32, 64, kernelSize: 3, padding: 1)
    let bn2 = BatchNorm2d<Scalar>(64)
    let fc1 = Dense<Scalar>(3136, 128)
    let fc2 = Dense<Scalar>(128, 10)

    func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      var y = maxPool2D(bn1(conv1(x)).relu(), kernelSize: 2)
      y = maxPool2D(bn2(conv2(y)).relu(), kernelSize: 2)
      return fc2(fc1(y.flattened(from: 1)).relu())
    }
  }

  @Test func theLossesInDouble() throws { try train(Double.self, within: 1e-9) }

  @Test func theLossesInFloat() throws { try train(Float.self, within: 3e-4) }

  private func train<Scalar: FloatingScalar>(_: Scalar.Type, within tolerance: Double) throws {
    let (folder, reference) = try #require(sharedFiles)
    let file = try SafetensorsFile(contentsOf: "\(reference)/cnn_parity.safetensors")
    func stored(_ key: String) throws -> Tensor<Double> { try #require(file[key], "\(key)").tensor() }
    let images = try IDXFile.read("\(folder)/train-images-idx3-ubyte.gz").uint8s()
    let labels = try IDXFile.read("\(folder)/train-labels-idx1-ubyte.gz").uint8s()

    let model = Network<Scalar>()
    var state = model.state.filter { !$0.name.hasSuffix("weight") && !$0.name.hasSuffix("bias") }
    for (name, _) in model.namedParameters { state.append(StateEntry(name: name, try stored("init.\(name)"))) }
    try model.load(state)
    let optimizer = SGD(model, learningRate: 0.01, momentum: 0.9)
    var losses: [Double] = []
    for step in 0..<20 {
      let pixels = images[(step * 64 * 784)..<((step + 1) * 64 * 784)].map { (Double($0) / 255 - 0.2860) / 0.3530 }
      let x = Tensor<Double>(pixels, shape: [64, 1, 28, 28]).cast(to: Scalar.self)
      let y = Tensor<Int>(labels[(step * 64)..<((step + 1) * 64)].map(Int.init))
      let logits = model(x)
      let loss = crossEntropy(logits, y)
      optimizer.zeroGradients()
      loss.backward()
      if step == 0, Scalar.self == Double.self {
        #expect(relativeDifference(logits.cast(to: Double.self), try stored("step0.logits")) < 1e-10)
        for case (let name, let parameter as Parameter<Double>) in model.namedParameters where name != "fc1.weight" {
          // Before batch normalization a bias has no influence: both libraries give rounding errors around zero.
          let expected = try stored("step0.grad.\(name)")
          let scale = Swift.max(expected.abs().max().item, 1e-3)
          let difference = try (#require(parameter.gradient) - expected).abs().max().item
          #expect(difference < 1e-10 * scale, "\(name): off by \(difference)")
        }
        for case (let name, let buffer as Buffer<Double>) in model.namedBuffers {
          #expect(relativeDifference(buffer.value, try stored("step0.after.\(name)")) < 1e-10, "\(name)")
        }
      }
      optimizer.step()
      losses.append(Double(loss.item))
    }
    expectClose(Tensor(losses), try stored("loss_trace_float64").scalars, within: tolerance)
  }
}
