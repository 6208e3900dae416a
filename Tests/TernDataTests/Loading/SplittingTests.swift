import TernTensor
import Testing

@testable import TernData

@Suite("Splitting data sets")
struct SplittingTests {
  private func numbers(_ count: Int) -> Samples<Int, Tensor<Int>, Never> { Samples(count: count) { $0 } }

  @Test(
    "Every sample is in one part; the sizes are as near to the fractions as they can be",
    arguments: [0, 1, 7, 100, 1003])
  func parts(count: Int) {
    let (train, validation, test) = numbers(count).split(0.8, 0.1, 0.1, seed: 3)
    #expect((train.indices + validation.indices + test.indices).sorted() == Array(0..<count))
    for (part, fraction) in [(train, 0.8), (validation, 0.1), (test, 0.1)] {
      #expect(abs(Double(part.count) - Double(count) * fraction) < 1)
    }
    let again = numbers(count).split(0.8, 0.1, 0.1, seed: 3)
    #expect(again.0.indices == train.indices && again.2.indices == test.indices)
    if count > 99 {
      #expect(numbers(count).split(0.8, 0.2, seed: 4).0.indices != numbers(count).split(0.8, 0.2, seed: 5).0.indices)
      #expect(train.indices != train.indices.sorted())
    }
  }

  @Test("Stratified: each class is divided as the whole is")
  func stratified() {
    // 10 of class 0, 30 of class 1, 3 of class 2, 57 of class 3.
    let classes =
      [Int](repeating: 0, count: 10) + [Int](repeating: 1, count: 30) + [2, 2, 2] + [Int](repeating: 3, count: 57)
    let parts = numbers(100).split([0.6, 0.3, 0.1], seed: 1, stratifiedBy: classes)
    #expect(parts.flatMap(\.indices).sorted() == Array(0..<100))
    for (part, fraction) in zip(parts, [0.6, 0.3, 0.1]) {
      #expect(abs(Double(part.count) - 100 * fraction) <= 1)
      for (name, total) in [(0, 10), (1, 30), (2, 3), (3, 57)] {
        let found = part.indices.count { classes[$0] == name }
        #expect(abs(Double(found) - Double(total) * fraction) < 1, "class \(name): \(found)")
      }
      #expect(part.indices.map { classes[$0] } != part.indices.map { classes[$0] }.sorted())
    }
  }

  @Test("Folds: each part validates once")
  func folds() {
    let folds = numbers(23).folds(5, seed: 2)
    #expect(folds.count == 5 && folds.flatMap { $0.validation.indices }.sorted() == Array(0..<23))
    for (train, validation) in folds {
      #expect((train.indices + validation.indices).sorted() == Array(0..<23) && [4, 5].contains(validation.count))
    }
    let classes = (0..<40).map { $0 % 4 }
    for (_, validation) in numbers(40).folds(5, seed: 2, stratifiedBy: classes) {
      #expect((0..<4).allSatisfy { name in validation.indices.count { classes[$0] == name } == 2 })
    }
  }

  @Test("A range of a set")
  func range() async {
    #expect(Subset(numbers(9), 2..<5).batch([0, 2]) == Tensor([2, 4]) && Subset(numbers(9), 4..<4).count == 0)
    let range = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Subset(Samples(count: 3) { $0 }, 1..<4)
    }
    #expect(lastWords(range).contains("Subset: 1 ..< 4 is not within 0 ..< 3"))
  }

  @Test("Mistakes stop the program with one line")
  func mistakes() async {
    let sum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Samples(count: 3) { $0 }.split(0.8, 0.1, seed: 1)
    }
    #expect(lastWords(sum).contains("split: fractions [0.8, 0.1] do not sum to 1"))
    let folds = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Samples(count: 3) { $0 }.folds(4, seed: 1)
    }
    #expect(lastWords(folds).contains("folds: 4 folds of 3 samples (2 to 3)"))
    let classes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Samples(count: 3) { $0 }.folds(2, seed: 1, stratifiedBy: [0, 1])
    }
    #expect(lastWords(classes).contains("folds: 2 classes for 3 samples"))
  }
}
