import TernTensor
import TernTestSupport
import Testing

@Suite struct SortTests {
  @Test(arguments: [1, 2, 17, 500, 5000])
  func sortsAsSwiftDoesAndStably(_ n: Int) {
    var state: UInt64 = 7
    let values = (0..<n).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(Int(state >> 40) % (n / 2 + 1)) - 3
    }
    let x = Tensor(values)
    let ascending = values.enumerated().sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }
    let descending = values.enumerated().sorted { (-$0.element, $0.offset) < (-$1.element, $1.offset) }
    #expect(x.sorted().values.scalars == ascending.map(\.element))
    #expect(x.sorted().indices.scalars == ascending.map(\.offset))
    #expect(x.argsort(descending: true).scalars == descending.map(\.offset))
    let k = Swift.min(n, 5)
    #expect(x.topK(k).values.scalars == descending.prefix(k).map(\.element))
    #expect(x.topK(k, largest: false).indices.scalars == ascending.prefix(k).map(\.offset))
  }

  @Test func everyTypeAndLayoutSorts() {
    let values = Tensor<Int>([5, -3, 9, 0, 2, 2, -8, 7, 1, 4, 4, -1], shape: [3, 4])
    for axis in [0, 1] {
      let expected = values.sorted(along: axis)
      for layout in everyLayout(values) {
        #expect(layout.tensor.sorted(along: axis).values == expected.values, "\(layout.label)")
        #expect(layout.tensor.sorted(along: axis).indices == expected.indices, "\(layout.label)")
        #expect(layout.tensor.gathered(expected.indices, along: axis) == expected.values, "\(layout.label)")
      }
      #expect(values.cast(to: Int32.self).sorted(along: axis).indices == expected.indices)
      #expect(values.cast(to: Float.self).argsort(along: axis) == expected.indices)
    }
    #expect(Tensor<UInt8>([3, 255, 0]).sorted().values.scalars == [0, 3, 255])
    #expect(Tensor<Bool>([true, false, true]).argsort().scalars == [1, 0, 2])
    #expect(Tensor<Float>(4).sorted(along: 0).values.item == 4)
  }

  @Test func runningExtremesTakeTheLastOfEquals() {
    let x = Tensor<Int>([1, 3, 3, 2, 5])
    #expect(x.cumulativeMax(along: 0).values.scalars == [1, 3, 3, 3, 5])
    #expect(x.cumulativeMax(along: 0).indices.scalars == [0, 1, 2, 2, 4])
    #expect(x.cumulativeMin(along: 0).indices.scalars == [0, 0, 0, 0, 0])
  }
}
