import TernTensor
import TernTestSupport
import Testing

/// Order statistics against Swift's own sorting, and histograms against counting by hand.
@Suite struct OrderStatisticsTests {
  /// Numbers of which some are equal.
  private func numbers(_ count: Int, distinct: Int) -> [Double] {
    var state: UInt64 = 11
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Double(Int(state >> 33) % distinct) - Double(distinct / 2)) / 8
    }
  }

  @Test(arguments: [1, 2, 9, 24, 60, 128, 129, 300, 5000])
  func selectionIsWhatSortingGives(_ n: Int) {
    for distinct in [3, 1_000_000] {
      let values = numbers(n, distinct: distinct)
      let sorted = values.sorted()
      let x = Tensor(values)
      #expect(x.median().item == sorted[(n - 1) / 2])
      for k in Set([1, (n + 1) / 2, n]) {
        let found = x.kthValue(k)
        #expect(found.values.item == sorted[k - 1])
        let first = values.firstIndex(of: sorted[k - 1])
        #expect(found.indices.item == first)
        let single = x.cast(to: Float.self).kthValue(k)
        #expect(single.indices.item == first)
        let whole = (x * 8).cast(to: Int.self).kthValue(k)
        #expect(whole.indices.item == first)
      }
    }
  }

  @Test(arguments: [1, 7, 40, 700])
  func modesAreTheMostFrequentAndTheLeastOfThem(_ n: Int) {
    let values = numbers(n, distinct: 9)
    var counts: [Double: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    let expected = counts.min { ($1.value, $0.key) < ($0.value, $1.key) }!.key
    let found = Tensor(values).mode()
    #expect(found.values.item == expected)
    #expect(found.indices.item == values.lastIndex(of: expected))
    let narrow = (Tensor(values) * 8 + 100).cast(to: UInt8.self).mode()
    #expect(narrow.indices.item == values.lastIndex(of: expected))
  }

  @Test func everyLayoutHasTheSameStatistics() {
    let x = Tensor(numbers(60, distinct: 1000), shape: [3, 4, 5])
    for axis in 0..<3 {
      let (median, mode) = (x.median(along: axis), x.mode(along: axis))
      let quantile = x.quantile(Tensor([0.1, 0.8]), along: axis, keepingAxes: true)
      for layout in everyLayout(x) {
        #expect(layout.tensor.median(along: axis).values == median.values, "\(layout.label)")
        #expect(layout.tensor.median(along: axis).indices == median.indices, "\(layout.label)")
        #expect(layout.tensor.mode(along: axis).indices == mode.indices, "\(layout.label)")
        let same = layout.tensor.quantile(Tensor([0.1, 0.8]), along: axis, keepingAxes: true)
        #expect(same == quantile, "\(layout.label)")
      }
    }
  }

  @Test func whatIsNotANumber() {
    let nan = Double.nan
    let x = Tensor([2, nan, 1, nan, nan, nan], shape: [2, 3])
    let found = x.median(along: 1)
    #expect(found.values.isNaN().all().item)
    #expect(found.indices.scalars == [1, 0])
    #expect(x.nanMedian(along: 1).values.scalars[0] == 1)
    #expect(x.nanMedian(along: 1).indices.scalars == [2, 0])
    #expect(x.nanMedian().item == 1)
    #expect(x.mode(along: 1).values.scalars[0] == 1)
    #expect(x.nanSum(along: 1).scalars == [3, 0])
    #expect(x.nanMean(along: 1).scalars[0] == 1.5)
    let v = x.asVariable()
    let gradient = gradients(of: v.nanMean(along: 1).sum(), at: [v])[0]
    #expect(gradient.scalars == [0.5, 0, 0.5, 0, 0, 0])
    let infinite = Tensor([-Double.infinity, 2, .infinity, .infinity])
    #expect(infinite.quantile(Tensor([0.1, 0.9, 1])).scalars == [-.infinity, .infinity, .infinity])
  }

  @Test(
    "sums without NaN are those of zeros in its place",
    arguments: [
      ([7, 300], [0]), ([7, 300], [1]), ([700, 130], [0]), ([3, 40_000], [1]), ([5, 9, 70], [0, 2]), ([99], [0]),
    ])
  func nanSums(_ shape: [Int], _ axes: [Int]) {
    let count = shape.reduce(1, *)
    var values = numbers(count, distinct: 4096)
    for index in stride(from: 3, to: count, by: 7) { values[index] = .nan }
    let x = Tensor(values, shape: shape)
    let expected = select(x.isNaN(), 0, x).sum(along: axes)
    for laid in everyLayout(x) {
      let sums = laid.tensor.nanSum(along: axes)
      #expect(relativeDifference(sums, expected) < 1e-14, "\(laid.label)")
      let floats = laid.tensor.cast(to: Float.self).nanSum(along: axes)
      #expect(relativeDifference(floats.cast(to: Double.self), expected) < 1e-6, "\(laid.label) of Float")
    }
    #expect(Tensor<Float>([.infinity, .nan, 1]).nanSum().item == .infinity)
    #expect(Tensor<Float>([.infinity, .nan, -.infinity]).nanSum().item.isNaN)
  }

  @Test func gradientsOfBothOrders() {
    let x = Tensor(numbers(12, distinct: 4096), shape: [3, 4])
    #expect(checkGradients(at: [x]) { $0[0].median(along: 1).values.square() }.passes())
    #expect(checkGradients(at: [x]) { $0[0].median().square() }.passes())
    #expect(checkGradients(at: [x]) { $0[0].kthValue(2, along: 0).values.square() }.passes())
    let q = Tensor([0.2, 0.55])
    #expect(checkGradients(at: [x, q]) { $0[0].quantile($0[1], along: 1).square() }.passes())
  }

  @Test func histogramsCountEveryElementOnce() {
    let values = numbers(100_000, distinct: 4000)
    let x = Tensor(values)
    let edges = [-100.0, -17, 3, 3, 40.5, 100]
    let expected = zip(edges, edges.dropFirst()).map { low, high in
      Double(values.count { $0 >= low && ($0 < high || high == 100 && $0 == 100) })
    }
    #expect(x.histogram(edges: Tensor(edges)).scalars == expected)
    let even = x.histogram(bins: 64)
    #expect(even.values.sum().item == 100_000)
    #expect(even.values.scalars == x.histogram(edges: even.edges).scalars)
    let pairs = x.reshaped(-1, 2)
    let grid = pairs.multidimensionalHistogram(bins: [5, 7])
    #expect(grid.values.shape == [5, 7])
    #expect(grid.values.sum(along: 1).scalars == pairs.selected(axis: 1, index: 0).histogram(bins: 5).values.scalars)
    let weights = Tensor(full: x.shape, 0.25)
    #expect(x.histogram(bins: 64, weights: weights).values.scalars == (even.values / 4).scalars)
    #expect(x.bucketized(at: Tensor([0, 1]), right: true).max().item == 2)
  }

  @Test func messages() async {
    let k = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [2, 3]).kthValue(4)
    }
    let kText = text(k?.standardErrorContent)
    #expect(kText.contains("kthValue: value 4 of the 3 along axis -1 of [2, 3]"))
    let q = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [2, 3]).quantile(1.5)
    }
    let qText = text(q?.standardErrorContent)
    #expect(qText.contains("quantile: q = 1.5 is outside 0 … 1"))
    let edges = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [2]).histogram(edges: Tensor([1, 0]))
    }
    let edgesText = text(edges?.standardErrorContent)
    #expect(edgesText.contains("histogram: edges do not ascend: 1.0, 0.0"))
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Int>(zeros: [0]).median()
    }
    let noneText = text(none?.standardErrorContent)
    #expect(noneText.contains("median: [0] has nothing to choose from"))
  }
}
