// Regression on a table: numbers of very different sizes, categories and missing cells, from a CSV file to a saved model.
//
// The table is made on the spot: rents of flats, by area, distance, year and quarter of the town.
import Foundation
import Tern

/// A CSV table of flats; one cell in ten of area and year is empty.
func flats(_ count: Int) -> String {
  let quarters = ["harbor", "hill", "old town", "station"]
  let premiums: [Float] = [250, 400, 600, -100]
  let numbers = Tensor<Float>(randomUniform: [count, 5]).scalars
  let kinds = Tensor<Int>(randomIntegers: [count], in: 0..<4).scalars
  let noise = Tensor<Float>(randomNormal: [count], deviation: 40).scalars
  var lines = ["area,distance,year,quarter,rent"]
  for row in 0..<count {
    let cell = numbers[row * 5..<row * 5 + 5].map { $0 }
    let (area, distance, year) = (20 + 100 * cell[0], 10 * cell[1] * cell[1], 1900 + Int(120 * cell[2]))
    let rent = 12 * area - 60 * distance + 2 * Float(year - 1900) + premiums[kinds[row]] + 300 + noise[row]
    let areaCell = cell[3] < 0.1 ? "" : "\(area)"
    let yearCell = cell[4] < 0.1 ? "" : "\(year)"
    lines.append("\(areaCell),\(distance),\(yearCell),\(quarters[kinds[row]]),\(rent)")
  }
  return lines.joined(separator: "\n") + "\n"
}

Random.seed(15)
let folder = NSTemporaryDirectory() + "tern-flats-\(getpid())"
defer { try? FileManager.default.removeItem(atPath: folder) }
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
for (part, count) in [("train", 2000), ("test", 500)] {
  try flats(count).write(toFile: "\(folder)/\(part).csv", atomically: true, encoding: .utf8)
}

// Means, medians and scales come from the training rows alone.
let train = try CSVFile(contentsOf: "\(folder)/train.csv")
let features = try TableFeatures(
  fittedTo: train,
  columns: [
    .number("area", missing: .mean, indicator: true, scaling: .standard), .number("distance", scaling: .standard),
    .number("year", missing: .median, indicator: true, scaling: .standard), .category("quarter"),
  ])
let target = try TableFeatures(fittedTo: train, columns: [.number("rent", scaling: .standard)])
try features.save(to: "\(folder)/features.json")

let inputs: Tensor<Float> = try features.values(of: train)
let rents: Tensor<Float> = try target.values(of: train)
let model = Sequential {
  Dense(inputs.shape[1], 64)
  ReLU()
  Dense(64, 64)
  ReLU()
  Dense(64, 1)
}
let optimizer = AdamW(model, learningRate: 3e-3)
let epochs = 30
let scheduler = Scheduler(optimizer, CosineSchedule(length: epochs))
for epoch in 1...epochs {
  var sum = 0.0
  for batch in DataLoader(TensorDataset(inputs, rents), batchSize: 64, shuffle: true) {
    let loss = huber(model(batch.inputs), batch.labels)
    optimizer.zeroGradients()
    loss.backward()
    optimizer.step()
    sum += Double(loss.item) * Double(batch.count)
  }
  scheduler.step()
  if epoch.isMultiple(of: 10) { print("epoch \(epoch): \(sum / Double(inputs.shape[0]))") }
}

// What was saved is applied to rows that nobody has seen.
let asked = try CSVFile(contentsOf: "\(folder)/test.csv")
let again = try TableFeatures(contentsOf: "\(folder)/features.json")
let others: Tensor<Float> = try again.values(of: asked)
let predicted = withoutGradients { model(others) }
let actual: Tensor<Float> = try target.values(of: asked)
let unexplained = (predicted - actual).square().sum().item
let total = (actual - actual.mean()).square().sum().item
print("figure: \(1 - unexplained / total)")
