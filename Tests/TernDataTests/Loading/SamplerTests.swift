import TernTensor
import Testing

@testable import TernData

@Suite("Samplers")
struct SamplerTests {
  private func loader(_ count: Int, _ sampler: Sampler, batchSize: Int = 1, seed: UInt64 = 3) -> DataLoader<
    Samples<Int, Tensor<Int>, Never>
  > { DataLoader(Samples(count: count) { $0 }, batchSize: batchSize, sampler: sampler, seed: seed) }

  @Test("Shuffled and in order: as with shuffle")
  func shuffled() {
    let set = Samples(count: 50) { $0 }
    for epoch in 0..<3 {
      #expect(
        loader(50, .shuffled).order(ofEpoch: epoch)
          == DataLoader(set, shuffle: true, seed: 3).order(ofEpoch: epoch))
      #expect(loader(50, .sequential).order(ofEpoch: epoch) == Array(0..<50))
    }
  }

  @Test("Weighted with replacement: each as often as its weight says")
  func weighted() {
    let weights: [Double] = [1, 0, 5, 2]
    let order = loader(4, .weighted(weights, count: 8000)).order(ofEpoch: 0)
    for (index, weight) in weights.enumerated() {
      let (found, expected) = (Double(order.count { $0 == index }), 1000 * weight)
      // Five deviations of a binomial number.
      #expect(abs(found - expected) <= 5 * (expected * (1 - weight / 8)).squareRoot(), "\(index): \(found)")
    }
    let (first, second) = (loader(4, .weighted(weights)), loader(4, .weighted(weights), seed: 4))
    #expect(first.batchCount == 4 && first.order(ofEpoch: 0).count == 4)
    var epochs: Set<[Int]> = []
    for epoch in 0..<6 { epochs.formUnion([first.order(ofEpoch: epoch), second.order(ofEpoch: epoch)]) }
    #expect(epochs.count > 6)
    #expect(first.order(ofEpoch: 5) == loader(4, .weighted(weights), batchSize: 3).order(ofEpoch: 5))
  }

  @Test("Weighted without replacement: none twice, the heavy ones first")
  func distinct() {
    let weights: [Double] = (0..<40).map { (index: Int) -> Double in index == 7 ? 0 : index < 20 ? 1 : 50 }
    let all = loader(40, .weighted(weights, replacing: false))
    #expect(all.sampleCount == 39)
    #expect(all.order(ofEpoch: 1).sorted() == Array(0..<40).filter { $0 != 7 })
    let ten = loader(40, .weighted(weights, count: 10, replacing: false), batchSize: 4)
    let order = ten.order(ofEpoch: 0)
    #expect(ten.batchCount == 3 && ten.lastBatchSize == 2 && Set(order).count == 10)
    #expect(order.count { $0 >= 20 } >= 8)
    #expect(ten.flatMap(\.scalars) == order)
  }

  @Test("Balanced: classes equally often, members in turn")
  func balanced() {
    let classes = [Int](repeating: 5, count: 3) + [Int](repeating: 0, count: 90) + [Int](repeating: 2, count: 7)
    let loader = loader(100, .balanced(classes))
    for epoch in 0..<4 {
      let order = loader.order(ofEpoch: epoch)
      let counts = [5, 0, 2].map { name in order.count { classes[$0] == name } }
      #expect(order.count == 100 && counts.sorted() == [33, 33, 34])
      let times = (0..<100).map { index in order.count { $0 == index } }
      for (group, allowed) in [(0..<3, 11...12), (3..<93, 0...1), (93..<100, 4...5)] {
        for index in group { #expect(allowed.contains(times[index])) }
      }
      #expect(order.map { classes[$0] } != order.map { classes[$0] }.sorted())
    }
    #expect(loader.order(ofEpoch: 0) != loader.order(ofEpoch: 1))
  }

  @Test("By length: every sample once, batches of about one length")
  func byLength() {
    let lengths = (0..<203).map { ($0 * 7919) % 101 }
    let loader = loader(203, .byLength(lengths, window: 10), batchSize: 8)
    func filled(_ order: [Int]) -> Int {
      stride(from: 0, to: order.count, by: 8).reduce(0) { sum, start in
        let batch = order[start..<min(start + 8, order.count)].map { lengths[$0] }
        return sum + (batch.max() ?? 0) * batch.count - batch.reduce(0, +)
      }
    }
    let order = loader.order(ofEpoch: 0)
    let shuffled = DataLoader(loader.dataset, shuffle: true, seed: 3).order(ofEpoch: 0)
    #expect(order.sorted() == Array(0..<203) && order != loader.order(ofEpoch: 1))
    #expect(filled(order) * 5 < filled(shuffled), "\(filled(order)) and \(filled(shuffled))")
    // Not from short to long.
    let firsts = stride(from: 0, to: 200, by: 8).map { lengths[order[$0]] }
    #expect(zip(firsts, firsts.dropFirst()).count { $0 > $1 } > 5)
    let sampler = Sampler.byLength(lengths, window: .max)
    let wide = DataLoader(loader.dataset, batchSize: 3, sampler: sampler, seed: 1).order(ofEpoch: 0)
    #expect(wide.sorted() == Array(0..<203))
  }

  @Test("An order of one's own")
  func own() {
    let sampler = Sampler(
      count: 3, order: { count, generator in (0..<3).map { _ in generator.permutation(count)[0] } })
    let loader = loader(10, sampler)
    #expect(loader.batchCount == 3 && loader.flatMap(\.scalars).count == 3)
  }
}
