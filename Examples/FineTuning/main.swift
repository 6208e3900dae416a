// Fine-tuning: a network that knows the digits 0 to 4 learns 5 to 9 from twenty pictures of each. Its features stay as
// they are, batch normalization included; only a new head is trained.
import Tern

let split = Digits.split
let train = ImageDataset(split.train)
let test = ImageDataset(split.test)

/// The samples of `set` whose class is in `classes`, at most `limit` of each.
func chosen(_ set: ImageDataset, _ classes: Range<Int>, limit: Int = .max) -> LabeledBatch<Float, Int> {
  var counts = [Int: Int]()
  let places = set.images.labels.indices.filter {
    let label = Int(set.images.labels[$0])
    counts[label, default: 0] += 1
    return classes.contains(label) && counts[label]! <= limit
  }
  let batch = set.batch(places)
  return LabeledBatch(inputs: batch.inputs, labels: batch.labels - classes.lowerBound)
}

/// Trains what is not frozen.
func fit(_ model: Sequential<Float>, on batch: LabeledBatch<Float, Int>, epochs: Int, learningRate: Double) {
  let optimizer = Adam(model.parameters { !$1.isFrozen }, learningRate: learningRate)
  for _ in 1...epochs {
    for part in DataLoader(TensorDataset(batch.inputs, batch.labels), batchSize: 32, shuffle: true) {
      let loss = crossEntropy(model(part.inputs), part.labels)
      optimizer.zeroGradients()
      loss.backward()
      optimizer.step()
    }
  }
}

func accuracy(_ model: Sequential<Float>, on batch: LabeledBatch<Float, Int>) -> Double {
  let logits = model.with(.evaluation) { model(batch.inputs) }
  return Double(correctCount(logits, batch.labels)) / Double(batch.count)
}

Random.seed(10)
let backbone = Sequential {
  Conv2D(1, 32, kernelSize: 3, padding: 1, bias: false)
  BatchNorm2d(32)
  ReLU()
  MaxPool2D(2)
  Conv2D(32, 64, kernelSize: 3, padding: 1, bias: false)
  BatchNorm2d(64)
  ReLU()
  Flatten()
}
let first = Sequential {
  backbone
  Dense(64 * 4 * 4, 5)
}
fit(first, on: chosen(train, 0..<5), epochs: 8, learningRate: 2e-3)
print("digits 0 to 4: \(accuracy(first, on: chosen(test, 0 ..< 5)))")

backbone.freeze()
backbone.eval()
let second = Sequential {
  backbone
  Dense(64 * 4 * 4, 5)
}
print("digits 5 to 9, new head: \(accuracy(second, on: chosen(test, 5 ..< 10)))")
fit(second, on: chosen(train, 5..<10, limit: 20), epochs: 30, learningRate: 2e-3)
print("digits 0 to 4, as before: \(accuracy(first, on: chosen(test, 0 ..< 5)))")
print("figure: \(accuracy(second, on: chosen(test, 5 ..< 10)))")
