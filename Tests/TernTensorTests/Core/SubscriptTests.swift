import TernTensor
import Testing

/// Ranges in a program that imports the library are Swift's own.
private struct Rows {
  let count = (0..<5).count
  let last = (2...4).last
}

@Suite struct SubscriptTests {
  /// [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]].
  let x = Tensor<Float>((0..<12).map(Float.init), shape: [3, 4])

  @Test func rangesStaySwiftsOwn() {
    let rows = 1..<4
    var seen: [Int] = []
    for row in rows { seen.append(row) }
    let array = [10, 11, 12, 13, 14]
    #expect(seen == [1, 2, 3])
    #expect(array[rows] == [11, 12, 13])
    #expect(array[3...4] == [13, 14])
    #expect(Rows().count == 5 && Rows().last == 4)
  }

  @Test func variablesOfEveryKindOfEntry() {
    let (i, half, closed, from) = (1, 1..<3, 0...1, 2...)
    let (upTo, through) = (..<2, ...0)
    #expect(x[.all, i].scalars == [1, 5, 9])
    #expect(x[i, half].scalars == [5, 6])
    #expect(x[half, half].scalars == [5, 6, 9, 10])
    #expect(x[.all, closed].scalars == [0, 1, 4, 5, 8, 9])
    #expect(x[.all, from].scalars == [2, 3, 6, 7, 10, 11])
    #expect(x[upTo, 0].scalars == [0, 4])
    #expect(x[through, i].scalars == [1])
    #expect(x[-1, .all].scalars == [8, 9, 10, 11])
    #expect(x[.ellipsis, .slice(step: 2)].scalars == [0, 2, 4, 6, 8, 10])
    #expect(x[i, .newAxis, half].shape == [1, 2])
    #expect(x[-2 ... -1, 0].scalars == [4, 8])
    #expect(x[..<(-1), 0].scalars == [0, 4])
    #expect(x[1..<100, 0].scalars == [4, 8])
    #expect(x[0 ... .max, 0].scalars == [0, 4, 8])
    #expect(x[5..., 0].isEmpty)
    let y = Tensor<Int>(Array(0..<24), shape: [2, 3, 4])
    #expect(y[1, i, 2].item == 18)
    #expect(y[i, half, 0].scalars == [16, 20])
  }

  @Test func writingNumbersAndTensors() {
    var t = x
    let i = 2
    t[.all, 1] = 0
    #expect(t.scalars == [0, 0, 2, 3, 4, 0, 6, 7, 8, 0, 10, 11])
    t[0] = 5
    #expect(t[0].scalars == [5, 5, 5, 5])
    t[.all, i] += Tensor<Float>([1, 2, 3])
    #expect(t[.all, i].scalars == [6, 8, 13])
    t[.all, i] *= 2
    #expect(t[.all, i].scalars == [12, 16, 26])
    t[1, i] -= 6
    t[-1, -1] = -1
    let value: Float = 0.5
    t[0, 0...1] = value
    #expect(t.scalars == [0.5, 0.5, 12, 5, 4, 0, 10, 7, 8, 0, 26, -1])
    #expect(x.scalars == (0..<12).map(Float.init))
    var flags = Tensor<Bool>(full: [3], false)
    flags[1] = true
    #expect(flags.scalars == [false, true, false])
    var spare = Tensor<Float>([1, 2, 3, 4])
    swap(&t[0], &spare)
    #expect(t[0].scalars == [1, 2, 3, 4] && spare.scalars == [0.5, 0.5, 12, 5])
  }

  @Test func elementsAsNumbers() {
    var total: Float = 0
    for row in 0..<3 {
      for column in 0..<4 { total += x[row, column] * (column == 3 ? 0 : 1) }
    }
    #expect(total == 45)
    let corner: Float = x.transposed()[-1, 0]
    let third: Float = x[1][2]
    #expect(corner == 3 && third == 6)
    let element: Float = Tensor<Float>(full: [2, 1, 2], 7)[1, 0, 1]
    #expect(element == 7)
    var diagonal = Tensor<Double>(zeros: [3, 3])
    let kept = diagonal
    for i in 0..<3 { diagonal[i, i] = 1 / Double(i + 1) }
    #expect(diagonal.diagonal().scalars == [1, 0.5, 1 / 3.0] && kept.sum().item == 0)
    var stepped = x[.all, .slice(step: -2)]
    stepped[1, 0] = 70
    #expect(stepped.scalars == [3, 1, 70, 5, 11, 9] && x[1, 3] == 7)
  }

  @Test func indexTensorsAndMasks() {
    var t = x
    let index = Tensor<Int>([2, 0, -1])
    #expect(x[index].shape == [3, 4])
    #expect(x[index, 1].scalars == [9, 1, 9])
    #expect(x[.all, index].scalars == [2, 0, 3, 6, 4, 7, 10, 8, 11])
    #expect(x[1..<3, index].scalars == [6, 4, 7, 10, 8, 11])
    #expect(x[Tensor<Int>([0, 1, 2]), index].scalars == [2, 4, 11])
    #expect(x[x .> 8].scalars == [9, 10, 11])
    #expect(x[Tensor<Bool>([true, false, true]), 0].scalars == [0, 8])
    #expect(x[.newAxis, .ellipsis, index].shape == [1, 3, 3])
    // As in PyTorch, a number beside an index tensor is taken first: its axis is gone, the others keep their places.
    let y = Tensor<Int>(Array(0..<24), shape: [2, 3, 4])
    #expect(y[1, .all, Tensor<Int>([0, 3])].scalars == [12, 15, 16, 19, 20, 23])
    t[t .> 8] = 0
    #expect(t.scalars == [0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0])
    t[t .< 2] = Tensor<Float>([10, 20, 30, 40, 50])
    #expect(t.scalars == [10, 20, 2, 3, 4, 5, 6, 7, 8, 30, 40, 50])
    t[.all, Tensor<Int>([0, 2])] += 100
    #expect(t[1].scalars == [104, 5, 106, 7])
    t[1, Tensor<Int>([1, 3])] = 0
    #expect(t[1].scalars == [104, 0, 106, 0])
    var single = Tensor<Float>(3)
    single[single .> 2] = 1
    #expect(single.item == 1)
  }

  @Test func gradientsOfReadingAndWriting() {
    let w = Tensor<Float>([1, 2, 3]).asVariable()
    var y = Tensor<Float>(zeros: [2, 3])
    y[.all, 1..<3] += w[..<2] * 2
    y[0, w.detached() .> 2] = 0
    // y = [[0, 2, 0], [0, 2, 4]]: the last of the first row was replaced.
    #expect(y.scalars == [0, 2, 0, 0, 2, 4])
    let gradient = gradients(of: y.sum(), at: [w])[0]
    #expect(gradient.scalars == [4, 2, 0])
  }

  @Test func arraysOfIntNameElements() {
    let x = Tensor<Float>([[1, 2], [3, 4], [5, 6]])
    let rows = [2, 0]
    #expect(x[rows] == Tensor([[5, 6], [1, 2]]) && x[[2, 0]] == x[rows])
    #expect(x[.all, [1]] == Tensor([[2], [4], [6]]) && x[[2, 0], [1, 0]] == Tensor<Float>([6, 1]))
  }
}
