import TernTensor
import TernTestSupport
import Testing

/// Elements named by many indices, which workers share, beside plain loops.
@Suite struct IndexKernelTests {
  private func numbers(_ shape: [Int]) -> Tensor<Float> {
    Tensor(randomNormal: shape, generator: RandomGenerator(seed: 8))
  }

  private func indices(_ shape: [Int], _ range: Range<Int>) -> Tensor<Int> {
    Tensor<Int>(randomIntegers: shape, in: range, generator: RandomGenerator(seed: 9))
  }

  @Test func elementsByTheirPlaces() {
    let x = numbers([300, 250])
    let flat = x.scalars
    for range in [0..<75_000, -75_000..<75_000] {
      let places = indices([70_001], range)
      let expected = places.scalars.map { flat[$0 < 0 ? $0 + flat.count : $0] }
      #expect(x.elements(at: places).scalars == expected)
      #expect(
        x.transposed().elements(at: places).scalars
          == places.scalars.map { place in
            let at = place < 0 ? place + flat.count : place
            return flat[at % 300 * 250 + at / 300]
          })
    }
    #expect(x.reshaped([75_000]).taking(indices([2, 40_000], 0..<75_000)).shape == [2, 40_000])
  }

  @Test(arguments: ScatterReduction.allCases)
  func reductions(_ reduction: ScatterReduction) {
    for (shape, axis) in [([5000], 0), ([37, 41], 0), ([37, 41], 1), ([3, 17, 5], 1)] {
      var values = numbers(shape).scalars
      values[3] = .nan
      values[7] = -.infinity
      let (x, source) = (numbers(shape), Tensor(values, shape: shape))
      let index = indices(shape, 0..<shape[axis])
      for includesSelf in [true, false] {
        let result = x.scatterReducing(source, at: index, along: axis, by: reduction, includingSelf: includesSelf)
        var (expected, counts) = (x.scalars, [Float](repeating: includesSelf ? 1 : 0, count: x.count))
        var isNew = [Bool](repeating: !includesSelf, count: x.count)
        let inner = shape[(axis + 1)...].reduce(1, *)
        for (i, target) in index.scalars.enumerated() {
          let place = i / (inner * shape[axis]) * inner * shape[axis] + target * inner + i % inner
          let value = values[i]
          counts[place] += 1
          if isNew[place] {
            (expected[place], isNew[place]) = (value, false)
            continue
          }
          let old = expected[place]
          switch reduction {
          case .sum, .mean: expected[place] = old + value
          case .product: expected[place] = old * value
          case .maximum: expected[place] = old.isNaN || value.isNaN ? .nan : Swift.max(old, value)
          case .minimum: expected[place] = old.isNaN || value.isNaN ? .nan : Swift.min(old, value)
          }
        }
        if reduction == .mean { expected = zip(expected, counts).map { $0 / Swift.max($1, 1) } }
        let same = zip(result.scalars, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
        #expect(same, "\(reduction) of \(shape) along \(axis), self \(includesSelf)")
      }
    }
  }

  @Test func distinctIntegersByATable() {
    for range in [0..<10, -300..<300, (Int.max - 50)..<Int.max, -1_000_000..<1_000_000] {
      let x = indices([40, 50], range)
      let (values, inverse, counts) = x.unique()
      let sorted = Set(x.scalars).sorted()
      #expect(values.scalars == sorted)
      #expect(values.taking(inverse) == x)
      #expect(counts.scalars == sorted.map { value in x.scalars.count { $0 == value } })
    }
    let flags = Tensor<Bool>([true, false, true]).unique()
    #expect(flags.values.scalars == [false, true])
    #expect(flags.inverse.scalars == [1, 0, 1])
    #expect(Tensor<Int>([]).unique().values.shape == [0])
    #expect(Tensor<UInt8>([9, 255, 9]).unique().counts.scalars == [2, 1])
  }
}
