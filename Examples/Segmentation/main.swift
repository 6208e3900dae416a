// A U-Net (Ronneberger, Fischer & Brox 2015) that marks the discs in noisy pictures full of lines: a class a pixel.
import Tern

/// A picture [1, 32, 32] of discs, lines and noise, and the pixels of the discs [32, 32].
func picture() -> (image: Tensor<Float>, mask: Tensor<Int>) {
  let rows = Tensor<Float>(rangeFrom: 0, to: 32).reshaped(32, 1)
  let columns = Tensor<Float>(rangeFrom: 0, to: 32).reshaped(1, 32)
  var mask = Tensor<Bool>(zeros: [32, 32])
  var image = Tensor<Float>(zeros: [32, 32])
  for _ in 0..<Tensor<Int>(randomIntegers: [], in: 1..<4).item {
    let place = Tensor<Float>(randomUniform: [3]).scalars
    let distance = (rows - 4 - 24 * place[0]).square() + (columns - 4 - 24 * place[1]).square()
    mask = mask .|| (distance .<= (2.5 + 3 * place[2]) * (2.5 + 3 * place[2]))
  }
  for _ in 0..<3 {
    let place = Tensor<Float>(randomUniform: [2], in: -1..<1).scalars
    let distance = (rows - 16 - 16 * place[0] + 2 * place[1] * (columns - 16)).abs()
    image = image + (distance .<= 1).cast(to: Float.self)
  }
  image = maximum(image, mask.cast(to: Float.self)) + Tensor(randomNormal: [32, 32], deviation: 0.3)
  return (image.expandedAxis(at: 0), mask.cast(to: Int.self))
}

/// Two convolutions with batch normalization.
func block(_ inputs: Int, _ outputs: Int) -> Sequential<Float> {
  Sequential {
    Conv2D(inputs, outputs, kernelSize: 3, padding: 1, bias: false)
    BatchNorm2d(outputs)
    ReLU()
    Conv2D(outputs, outputs, kernelSize: 3, padding: 1, bias: false)
    BatchNorm2d(outputs)
    ReLU()
  }
}

final class UNet: Layer {
  let first = block(1, 16)
  let second = block(16, 32)
  let bottom = block(32, 64)
  let widen = ConvTranspose2D(64, 32, kernelSize: 2, stride: 2)
  let third = block(64, 32)
  let widenAgain = ConvTranspose2D(32, 16, kernelSize: 2, stride: 2)
  let fourth = block(32, 16)
  let head = Conv2D(16, 2, kernelSize: 1)
  let shrink = MaxPool2D(2)

  func forward(_ images: Tensor<Float>) -> Tensor<Float> {
    let fine = first(images)
    let coarse = second(shrink(fine))
    let wide = third(concatenate([widen(bottom(shrink(coarse))), coarse], along: 1))
    return head(fourth(concatenate([widenAgain(wide), fine], along: 1)))
  }
}

Random.seed(12)
let model = UNet()
let optimizer = AdamW(model, learningRate: 3e-3)
for step in 1...150 {
  let batch = (0..<16).map { _ in picture() }
  let loss = crossEntropy(model(stack(batch.map(\.image))), stack(batch.map(\.mask)))
  optimizer.zeroGradients()
  loss.backward()
  optimizer.step()
  if step.isMultiple(of: 50) { print("step \(step): \(loss.item)") }
}

let fresh = (0..<64).map { _ in picture() }
let masks = stack(fresh.map(\.mask))
let found = model.with(.evaluation) { withoutGradients { model(stack(fresh.map(\.image))).argmax(along: 1) } }
let (both, either) = ((found * masks).sum().item, (found + masks - found * masks).sum().item)
print("figure: \(Double(both) / Double(either))")
