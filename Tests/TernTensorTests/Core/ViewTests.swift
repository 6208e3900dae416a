import TernTensor
import TernTestSupport
import Testing

@Suite struct ViewTests {
  let values = Tensor<Double>((0..<24).map(Double.init), shape: [2, 3, 4])

  @Test func everyLayoutReadsTheSameValues() {
    for layout in everyLayout(values) {
      #expect(layout.tensor.scalars == values.scalars, "\(layout.label)")
      #expect(layout.tensor == values, "\(layout.label)")
    }
  }

  @Test func transposingExchangesAxes() {
    for layout in everyLayout(values) {
      let t = layout.tensor.transposed(0, 2)
      #expect(t.shape == [4, 3, 2])
      #expect(t[3, 1, 0].item == 7, "\(layout.label)")
      #expect(t.permuted(2, 1, 0) == values, "\(layout.label)")
    }
    #expect(values.transposed().shape == [2, 4, 3])
    #expect(values.movingAxis(0, to: -1).shape == [3, 4, 2])
    #expect(values.movingAxes([0, 1], to: [2, 0]).shape == [3, 4, 2])
  }

  @Test func reshapingKeepsRowMajorOrder() {
    for layout in everyLayout(values) {
      for shape in [[24], [6, 4], [2, 12], [-1, 2], [2, 3, 2, 2], [1, 24, 1], [4, 6]] {
        let reshaped = layout.tensor.reshaped(shape)
        #expect(reshaped.scalars == values.scalars, "\(layout.label) \(shape)")
      }
    }
    #expect(Tensor<Float>(zeros: [0, 3]).reshaped(3, 0).shape == [3, 0])
    #expect(values.flattened(from: 1).shape == [2, 12])
    #expect(values.flattened(from: 0, to: 1).shape == [6, 4])
    #expect(Tensor<Float>(5).flattened().shape == [1])
    #expect(values.expandedAxis(at: -1).shape == [2, 3, 4, 1])
    #expect(Tensor<Float>(zeros: [1, 3, 1]).squeezed().shape == [3])
    #expect(Tensor<Float>(zeros: [1, 3, 1]).squeezed(0).shape == [3, 1])
    #expect(Tensor<Float>(zeros: [1, 3, 1]).squeezed(1).shape == [1, 3, 1])
  }

  @Test func reshapingSharesMemoryWhereStridesAllow() {
    let base = values.transposed(0, 2)
    #expect(base.reshaped(2, 2, 3, 2).pointer == values.pointer)
    #expect(values.reshaped(6, 4).pointer == values.pointer)
    #expect(base.reshaped(24).pointer != values.pointer)
  }

  @Test func slicesFollowPythonsRules() {
    let x = Tensor<Int>(0..<10)
    #expect(x[2..<5].scalars == [2, 3, 4])
    #expect(x[.slice(-3)].scalars == [7, 8, 9])
    #expect(x[.slice(nil, -7)].scalars == [0, 1, 2])
    #expect(x[.slice(step: 3)].scalars == [0, 3, 6, 9])
    #expect(x[.slice(step: -4)].scalars == [9, 5, 1])
    #expect(x[.slice(7, 2, step: -2)].scalars == [7, 5, 3])
    #expect(x[.slice(5, 2)].scalars == [])
    #expect(x[.slice(8, 100)].scalars == [8, 9])
    #expect(x[.slice(-100, 2)].scalars == [0, 1])
    #expect(x[-1].item == 9)
  }

  @Test func subscriptsTakeIndicesSlicesNewAxesAndTheEllipsis() {
    #expect(values[1].scalars == (12..<24).map(Double.init))
    #expect(values[0, 2].scalars == [8, 9, 10, 11])
    #expect(values[1, 2, 3].item == 23)
    #expect(values[.all, 1, .slice(step: 2)].scalars == [4, 6, 16, 18])
    #expect(values[.ellipsis, 0].scalars == [0, 4, 8, 12, 16, 20])
    #expect(values[.newAxis, .ellipsis, .newAxis].shape == [1, 2, 3, 4, 1])
    #expect(values.narrowed(axis: 1, start: 1, length: 2).shape == [2, 2, 4])
    #expect(values.selected(axis: -1, index: 2).scalars == [2, 6, 10, 14, 18, 22])
  }

  @Test func writingThroughASubscriptChangesThatPartAlone() {
    for layout in everyLayout(values) {
      var x = layout.tensor
      let before = x
      x[.all, 1] = Tensor([100, 200, 300, 400])
      #expect(x[0, 1].scalars == [100, 200, 300, 400], "\(layout.label)")
      #expect(x[1, 1].scalars == [100, 200, 300, 400], "\(layout.label)")
      #expect(x[.all, 0] == values[.all, 0], "\(layout.label)")
      #expect(before == values, "\(layout.label)")
    }
    var wide = Tensor<Double>([1, 2]).broadcast(to: [3, 2])
    wide[0, 0] = Tensor(9)
    #expect(wide.scalars == [9, 2, 1, 2, 1, 2])
  }

  @Test func aViewIsNeverAnAlias() {
    var x = values
    let row = x[0]
    x[0] = Tensor(0)
    #expect(row.scalars == (0..<12).map(Double.init))
    var y = values
    var part = y[1]
    part += 1
    #expect(y == values)
    y[1] = part
    #expect(y[1, 0, 0].item == 13)
  }

  @Test func writingIsInPlaceWhereNobodyShares() {
    var x = Tensor<Float>(zeros: [1000])
    let address = x.pointer
    for i in 0..<10 { x[i] = Tensor(Float(i)) }
    #expect(x.pointer == address)
    #expect(x[0..<10].scalars == (0..<10).map(Float.init))
  }

  @Test func diagonals() {
    let m = Tensor<Double>((0..<12).map(Double.init), shape: [3, 4])
    #expect(m.diagonal().scalars == [0, 5, 10])
    #expect(m.diagonal(offset: 1).scalars == [1, 6, 11])
    #expect(m.diagonal(offset: -2).scalars == [8])
    #expect(m.diagonal(offset: 7).shape == [0])
    #expect(values.diagonal(axes: 1, 2).shape == [2, 3])
  }

  @Test func anImpossibleShapeStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3]).reshaped(4, 2)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("reshaped: [2, 3] has 6 elements, [4, 2] has 8"))
  }

  @Test func anIndexOutsideStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3])[1, 3]
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("subscript: index 3 outside axis 1 of [2, 3]"))
  }

  @Test func shapesThatDoNotBroadcastStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3]) + Tensor<Float>(zeros: [4])
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("add: shapes do not broadcast: [2, 3] and [4] (3 ≠ 4)"))
  }

  @Test func anAxisOutsideStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3]).sum(along: 2)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("sum: axis 2 outside -2..<2"))
  }
}
