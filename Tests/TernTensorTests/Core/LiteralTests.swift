import TernTensor
import TernTestSupport
import Testing

@Suite struct LiteralTests {
  @Test func nestedListsBecomeTensors() {
    let vector: Tensor<Float> = [1, 2.5, -3]
    let matrix: Tensor<Float> = [[1, 2], [3, 4], [5, 6]]
    let cube: Tensor<Int> = [[[1], [2]], [[3], [4]]]
    let mask: Tensor<Bool> = [[true, false]]
    #expect(vector.shape == [3] && vector.scalars == [1, 2.5, -3])
    #expect(matrix.shape == [3, 2] && matrix.scalars == [1, 2, 3, 4, 5, 6])
    #expect(cube.shape == [2, 2, 1] && cube.scalars == [1, 2, 3, 4])
    #expect(mask.shape == [1, 2] && mask.scalars == [true, false])
    let bytes: Tensor<UInt8> = [[[[255]]]]
    #expect(bytes.shape == [1, 1, 1, 1])
    let nothing: Tensor<Double> = []
    let row: Tensor<Double> = [[]]
    #expect(nothing.shape == [0] && row.shape == [1, 0])
  }

  @Test func literalsStandBesideTensors() {
    let x: Tensor<Double> = [[1, 2], [3, 4]]
    #expect(x + [10, 20] == [[11, 22], [13, 24]])
    #expect(x * 2 == [[2, 4], [6, 8]])
    #expect(maximum(x, [[2], [3]]) == [[2, 2], [3, 4]])
  }

  @Test func rowsOfNumbersBecomeTensors() {
    let (a, b): (Float, Float) = (1, 2)
    #expect(Tensor<Float>([[1, 2], [3, 4]]) == [[1, 2], [3, 4]])
    #expect(Tensor([[a, b], [b, a]]) == [[1, 2], [2, 1]])
    #expect(Tensor([[[a], [b]], [[b], [a]]]).shape == [2, 2, 1])
    #expect(Tensor([[[[a, b, a]]]]).shape == [1, 1, 1, 3])
    #expect(Tensor<Int>([0..<3, 3..<6]) == [[0, 1, 2], [3, 4, 5]])
    #expect(Tensor<Float>([]).shape == [0])
    #expect(Tensor<Float>([[Float]]()).shape == [0])
    #expect(Tensor<Float>(5).shape == [])
  }

  @Test func partsOfDifferentShapesStop() async {
    let literal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let _: Tensor<Float> = [[1, 2], [3, 4, 5]]
    }
    let message = text(literal?.standardErrorContent)
    #expect(message.contains("literal: element 1 has shape [3], element 0 has [2]"))
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([[1, 2], [3]])
    }
    let other = text(rows?.standardErrorContent)
    #expect(other.contains("tensor: element 1 has shape [1], element 0 has [2]"))
  }
}
