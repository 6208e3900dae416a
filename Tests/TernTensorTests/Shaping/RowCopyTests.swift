@testable import TernTensor
import TernTestSupport
import Testing

/// Copies of short rows, of rows backwards and with steps, and of transposes, beside the elements one by one.
@Suite struct RowCopyTests {
  /// The element at an index, by the shape alone.
  private func numbered<Scalar: FloatingScalar>(_ shape: [Int], _: Scalar.Type) -> Tensor<Scalar> {
    Tensor((0..<shape.reduce(1, *)).map { Scalar($0) }, shape: shape)
  }

  private func checkPermutations<Scalar: FloatingScalar>(_: Scalar.Type) {
    for shape in [[3, 5, 2], [2, 17, 33], [7, 8, 9], [1, 28, 28], [4, 3, 40], [2, 20, 16], [5, 1, 12]] {
      let x = numbered(shape, Scalar.self)
      for order in [[0, 2, 1], [2, 1, 0], [1, 0, 2], [2, 0, 1], [1, 2, 0]] {
        let y = x.permuted(order).contiguous
        var expected: [Scalar] = []
        let steps = [shape[1] * shape[2], shape[2], 1]
        for i in 0..<shape[order[0]] {
          for j in 0..<shape[order[1]] {
            for k in 0..<shape[order[2]] {
              expected.append(Scalar(i * steps[order[0]] + j * steps[order[1]] + k * steps[order[2]]))
            }
          }
        }
        #expect(y.scalars == expected, "\(shape), \(order)")
      }
    }
  }

  @Test func `any order of axes is copied`() {
    checkPermutations(Float.self)
    checkPermutations(Double.self)
  }

  private func checkRows<Scalar: FloatingScalar>(_: Scalar.Type) {
    for length in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 130] {
      let x = numbered([3, length], Scalar.self)
      let rows = (0..<3).map { row in (0..<length).map { Scalar(row * length + $0) } }
      let backwards = rows.flatMap { Array($0.reversed()) }
      #expect(x.flipped([1]).contiguous.scalars == backwards, "backwards, \(length)")
      let both: [Scalar] = rows.flatMap { $0 }.reversed()
      #expect(x.flipped([0, 1]).contiguous.scalars == both, "both, \(length)")
      for step in [2, 3] {
        let stepped = x[.all, .slice(0, length, step: step)].contiguous
        let places = Array(stride(from: 0, to: length, by: step))
        let expected = rows.flatMap { row in places.map { row[$0] } }
        #expect(stepped.scalars == expected, "every \(step), \(length)")
      }
      for times in [2, 3] {
        let repeated = x.repeatingElements(times, along: 1)
        let expected = rows.flatMap { $0.flatMap { [Scalar](repeating: $0, count: times) } }
        #expect(repeated.scalars == expected, "\(times) times, \(length)")
      }
      let joined = concatenate([x, x * 2, x[.all, .slice(0, 1)]], along: 1)
      var (sideBySide, alternating): ([Scalar], [Scalar]) = ([], [])
      for row in rows {
        sideBySide += row
        sideBySide += row.map { $0 * 2 }
        sideBySide.append(row[0])
        for value in row { alternating += [value, -value] }
      }
      #expect(joined.scalars == sideBySide, "joined, \(length)")
      let stacked = stack([x, -x], along: -1)
      #expect(stacked.scalars == alternating, "stacked, \(length)")
    }
  }

  @Test func `rows of any length are copied in any direction`() {
    checkRows(Float.self)
    checkRows(Double.self)
  }

  @Test func `parts of any layout are joined along every axis`() {
    let (a, b) = (numbered([2, 3, 4, 5], Float.self), numbered([2, 3, 4, 5], Float.self) + 1000)
    for axis in 0..<4 {
      let expected = concatenate([a, b], along: axis)
      #expect(expected.narrowed(axis: axis, start: 0, length: a.shape[axis]) == a)
      #expect(expected.narrowed(axis: axis, start: a.shape[axis], length: b.shape[axis]) == b)
      for first in everyLayout(a) {
        for second in everyLayout(b) {
          #expect(
            concatenate([first.tensor, second.tensor], along: axis) == expected, "\(first.label), \(second.label)")
        }
      }
    }
  }

  @Test func `padding takes the elements that its mode names, in any layout`() {
    let x = numbered([2, 3, 4, 6], Float.self)
    let amounts: [(before: Int, after: Int)] = [(2, 1), (0, 3), (3, 2)]
    let modes: [(PaddingMode<Float>, (Int, Int) -> Int)] = [
      (.reflect, { $0 < 0 ? -$0 : $0 < $1 ? $0 : 2 * ($1 - 1) - $0 }),
      (.replicate, { Swift.min(Swift.max($0, 0), $1 - 1) }), (.circular, { ($0 + $1) % $1 }),
    ]
    for (mode, source) in modes {
      var expected: [Float] = []
      for n in 0..<2 {
        for c in -2..<4 {
          for h in 0..<7 {
            for w in -3..<8 {
              let row = (n * 3 + source(c, 3)) * 4 + source(h, 4)
              expected.append(Float(row * 6 + source(w, 6)))
            }
          }
        }
      }
      for laid in everyLayout(x) {
        let padded = laid.tensor.padded(amounts, mode)
        #expect(padded.shape == [2, 6, 7, 11])
        #expect(padded.scalars == expected, "\(mode), \(laid.label)")
        // Only some axes.
        let alone = laid.tensor.padded([(1, 2), (0, 0)], mode)
        let rows = Tensor<Int>((-1..<6).map { source($0, 4) })
        #expect(alone == x.taking(rows, along: 2), "\(mode), \(laid.label)")
      }
      let cropped = x.padded([(-1, 2)], mode)
      // What is cut off takes no part in what is repeated around.
      let columns = Tensor<Int>((0..<7).map { 1 + source($0, 5) })
      #expect(cropped == x.taking(columns, along: 3))
    }
  }
}
