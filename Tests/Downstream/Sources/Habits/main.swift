import Foundation
import Tern

// What is natural to write, from outside the package and with variables in the places of literals.

var failures = 0

@MainActor
func expect(_ condition: Bool, _ what: String) {
  if !condition {
    failures += 1
    print("\(what): not as expected")
  }
}

// Ranges are Swift's.
struct Window {
  let rows = 0..<3
  let length = (0..<5).count
}
let n = 3
let rows = 0..<n
var total = 0
for i in rows { total += i }
for i in 1...n { total += i }
let letters = ["a", "b", "c", "d"]
expect(total == 9 && letters[rows].count == 3 && letters[1...].count == 3 && Window().length == 5, "ranges")

// Subscripts take variables, to read and to write.
let (i, r, v) = (1, 1..<3, Tensor<Float>([10, 20]))
let grid = Tensor<Float>(rangeFrom: 0, to: 12, by: 1).reshaped(2, 3, 2)
expect(grid[.all, i].scalars == [2, 3, 8, 9], "[.all, i]")
expect(grid[i, .all, 0..<1].shape == [3, 1] && grid[.all, r].shape == [2, 2, 2], "[i, .all, range], [.all, r]")
expect(grid[..<1].shape == [1, 3, 2] && grid[.ellipsis, i].shape == [2, 3], "[..<1], [.ellipsis, i]")
expect(grid[.newAxis, i].shape == [1, 3, 2] && grid[-1, .all, i].scalars == [7, 9, 11], "[.newAxis, i]")
var t = Tensor<Float>(zeros: [3, 2])
t[.all, i] = 1
t[0] = 5
t[.all, i] += 1
t[r] += v
expect(t.scalars == [5, 6, 10, 22, 10, 22], "writing")
t[t .> 9] = 0
let chosen = Tensor<Int>([2, 0])
expect(t.scalars == [5, 6, 0, 0, 0, 0] && t[chosen].scalars == [0, 0, 5, 6], "masks and index tensors")

// Pairs are numbers, variables and arrays.
let (k, s) = (3, 2)
let images = Tensor<Float>(randomNormal: [2, 1, 8, 8])
expect(Conv2D(1, 4, kernelSize: k, stride: s, padding: k / 2)(images).shape == [2, 4, 4, 4], "kernelSize: k")
expect(Conv2D(1, 4, kernelSize: [1, k], padding: .same)(images).shape == [2, 4, 8, 8], "kernelSize: [1, k]")
expect(MaxPool2D(s)(images).shape == [2, 1, 4, 4], "MaxPool2D(s)")

// Layers inside a network, copies and averages.
let net = Sequential {
  Dense(4, 8)
  ReLU()
  Dense(8, 3)
}
net[0, as: Dense.self].weight.value *= 0.5
net[2] = Dense(8, 2)
let x = Tensor<Float>(randomNormal: [5, 4])
let twin = net.copy()
expect(twin(x) == net(x) && net(x).shape == [5, 2], "copy()")

final class Classifier: Layer {
  let hidden = Dense(4, 6)
  let head = Dense(6, 2)
  func forward(_ x: Tensor<Float>) -> Tensor<Float> { head(hidden(x).tanh()) }
}
let (teacher, student) = (Classifier(), Classifier())
teacher.blend(student, decay: 0)
expect(teacher(x) == student(x) && student.copy(into: Classifier())(x) == student(x), "blend, copy(into:)")

// Formulas with numbers and parameters of every kind.
let (rate, decay) = (0.1, 0.01)
for parameter in net.typedParameters { parameter.gradient = Tensor(ones: parameter.shape) }
let p = net[2, as: Dense.self].weight
let before = p.value.detached()
p.value = p.value - rate * (p.gradient! + decay * p.value)
expect((p.value - before + rate * (1 + decay * before)).detached().abs().amax().item < 1e-6, "p - rate * g")
let mixed: Tensor<Float> = 2 * x + rate - x * Float(rate) / n
expect(mixed.shape == x.shape && (p * 2 - p - p).abs().amax().item == 0 && (-p + 1 * p).sum().item == 0, "formulas")
p.lerp(to: before, weight: 1)
expect((p.value - before).abs().amax().item < 1e-6, "lerp")

// One model, several tasks.
let predictor = Predictor(net)
let expected = net.with(.evaluation) { withoutGradients { net(x) } }
let answers = await withTaskGroup(of: Tensor<Float>.self) { group in
  for _ in 0..<8 { group.addTask { [x] in predictor(x) } }
  var answers: [Tensor<Float>] = []
  for await answer in group { answers.append(answer) }
  return answers
}
expect(answers.count == 8 && answers.filter { $0 == expected }.count == 8, "Predictor")
let detached = await Task.detached { [x] in predictor(x) }.value
expect(detached == expected, "Predictor, detached")

// Data sets that can fail, and draw random numbers.
struct Unreadable: Error { let path: String }
struct Pictures: Dataset {
  let count = 10
  let broken: Int?
  func batch(_ indices: [Int]) throws(Unreadable) -> LabeledBatch<Float, Int> {
    if let broken, indices.contains(broken) { throw Unreadable(path: "\(broken).png") }
    return LabeledBatch(inputs: Tensor(randomNormal: [indices.count, 4]), labels: Tensor(indices))
  }
}
func sums() throws -> [Float] {
  var sums: [Float] = []
  try DataLoader(Pictures(broken: nil), batchSize: 4, seed: 7).forEach { sums.append($0.inputs.sum().item) }
  return sums
}
let (first, second) = (try sums(), try sums())
expect(first == second && first.count == 3, "random numbers of a data set")
do {
  let batches = DataLoader(Pictures(broken: 6), batchSize: 4).makeIterator()
  while let batch = try batches.next() { expect(batch.count == 4, "the batch before the fault") }
  expect(false, "a fault that arrives")
} catch {
  expect(error.index == 6 && error.underlying.path == "6.png", "the fault's sample")
}
for batch in DataLoader(TensorDataset(x, Tensor<Int>([0, 1, 0, 1, 0])), batchSize: 2) {
  expect(batch.count <= 2, "for")
}

// Tied weights go out and back under one name or both.
final class Tied: Layer {
  let input = Dense(3, 3, bias: false)
  let output: Dense<Float>
  init() { output = input }
  func forward(_ x: Tensor<Float>) -> Tensor<Float> { output(input(x)) }
}
let (tied, other) = (Tied(), Tied())
let report = try other.load(tied.state)
expect(other.input.weight.value == tied.input.weight.value && report.missing.isEmpty, "tied weights")

if failures == 0 { print("all as expected") }
exit(failures == 0 ? 0 : 1)
