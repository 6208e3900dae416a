// Learns from a folder of picture files, a class a folder, each picture changed at random whenever it is seen.
//
// The pictures are made on the spot: crosses, discs and stripes of any color, size and place.
import Foundation
import Tern
import TernVision

/// A picture [3, 40, 40] of values 0…1.
func picture(_ kind: String) -> Tensor<Float> {
  let place = Tensor<Float>(randomUniform: [3]).scalars
  let rows = Tensor<Float>(rangeFrom: 0, to: 40).reshaped(40, 1) - (14 + 12 * place[0])
  let columns = Tensor<Float>(rangeFrom: 0, to: 40).reshaped(1, 40) - (14 + 12 * place[1])
  let size = 6 + 6 * place[2]
  let inside = maximum(rows.abs(), columns.abs()) .<= size
  let shape: Tensor<Bool>
  switch kind {
  case "cross": shape = (minimum(rows.abs(), columns.abs()) .<= 2) .&& inside
  case "disc": shape = (rows.square() + columns.square()) .<= size * size
  default: shape = ((rows * 1.3 + columns * 0).sin() .> 0) .&& inside
  }
  let (front, back) = (Tensor<Float>(randomUniform: [3, 1, 1]), Tensor<Float>(randomUniform: [3, 1, 1]) / 2)
  let drawn = shape.cast(to: Float.self)
  let noise = Tensor<Float>(randomNormal: [3, 40, 40], deviation: 0.05)
  return (drawn * (front / 2 + 0.5) + (1 - drawn) * back + noise).clamped(min: 0, max: 1)
}

Random.seed(14)
let folder = NSTemporaryDirectory() + "tern-pictures-\(getpid())"
defer { try? FileManager.default.removeItem(atPath: folder) }
for (part, count) in [("train", 80), ("test", 40)] {
  for kind in ["cross", "disc", "stripes"] {
    let place = "\(folder)/\(part)/\(kind)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    for number in 0..<count { try Image(picture(kind)).write(png: "\(place)/\(number).png") }
  }
}

let train = try ImageFolder("\(folder)/train", height: 32, width: 32) {
  RandomResizedCrop(height: 32, width: 32, scale: 0.6...1)
  RandomHorizontalFlip()
  ColorJitter(brightness: 0.3, contrast: 0.3)
}
let test = try ImageFolder("\(folder)/test", height: 32, width: 32, classNames: train.classNames)
print("\(train.count) pictures of \(train.classNames.joined(separator: ", "))")

let model = Sequential {
  Conv2D(3, 16, kernelSize: 3, padding: 1, bias: false)
  BatchNorm2d(16)
  ReLU()
  MaxPool2D(2)
  Conv2D(16, 32, kernelSize: 3, padding: 1, bias: false)
  BatchNorm2d(32)
  ReLU()
  MaxPool2D(2)
  Conv2D(32, 64, kernelSize: 3, padding: 1, bias: false)
  BatchNorm2d(64)
  ReLU()
  AdaptiveAvgPool2D(1)
  Flatten()
  Dense(64, 3)
}
let optimizer = AdamW(model, learningRate: 5e-3)
let loader = DataLoader(train, batchSize: 32, shuffle: true, seed: 14, workers: 2)
let epochs = 15
let scheduler = Scheduler(optimizer, CosineSchedule(length: epochs))
for epoch in 1...epochs {
  var last: Float = 0
  try loader.forEach { batch in
    let loss = crossEntropy(model(batch.inputs), batch.labels)
    optimizer.zeroGradients()
    loss.backward()
    optimizer.step()
    last = loss.item
  }
  scheduler.step()
  if epoch.isMultiple(of: 5) { print("epoch \(epoch): \(last)") }
}

let asked = try test.batch(Array(0..<test.count))
let logits = model.with(.evaluation) { withoutGradients { model(asked.inputs) } }
print("figure: \(Double(correctCount(logits, asked.labels)) / Double(test.count))")
