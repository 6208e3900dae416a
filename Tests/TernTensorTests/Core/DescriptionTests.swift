import TernTensor
import Testing

/// Every expected text is what NumPy 2.4 prints for the same array.
@Suite struct DescriptionTests {
  @Test func columnsAlignAtThePoint() {
    #expect(Tensor<Double>([1, 2.5, -3.25]).description == "[ 1.    2.5  -3.25]")
    #expect(
      Tensor<Float>([[0.1, 22.5], [1 / 3, -4]]).description == """
        [[ 0.1        22.5       ]
         [ 0.33333334 -4.        ]]
        """)
    #expect(
      Tensor<Int>([[-1, 10], [300, 4]]).description == """
        [[ -1  10]
         [300   4]]
        """)
  }

  @Test func longRowsWrap() {
    #expect(
      (Tensor<Double>(rangeFrom: 0, to: 30) / 8).description == """
        [0.    0.125 0.25  0.375 0.5   0.625 0.75  0.875 1.    1.125 1.25  1.375
         1.5   1.625 1.75  1.875 2.    2.125 2.25  2.375 2.5   2.625 2.75  2.875
         3.    3.125 3.25  3.375 3.5   3.625]
        """)
  }

  @Test func numbersFarApartAreInScientificNotation() {
    #expect(Tensor<Double>([1e-5, 1, 123_456]).description == "[1.00000e-05 1.00000e+00 1.23456e+05]")
    #expect(Tensor<Float>([0.1, 1e-5]).description == "[1.e-01 1.e-05]")
    #expect(Tensor<Double>([1e16, 2e16]).description == "[1.e+16 2.e+16]")
    #expect(Tensor<Double>([1e10, 1e200]).description == "[1.e+010 1.e+200]")
    #expect(Tensor<Double>([1, 1000]).description == "[   1. 1000.]")
    #expect(Tensor<Float>([1e5, 2e5]).description == "[100000. 200000.]")
    #expect(Tensor<Float>([1e6, 2e6]).description == "[1.e+06 2.e+06]")
    #expect(Tensor<Double>([1e6, 2e6]).description == "[1000000. 2000000.]")
  }

  @Test func whatIsNotFiniteIsPadded() {
    #expect(Tensor<Double>([-1.5, 100.25, .nan, -.infinity]).description == "[ -1.5  100.25    nan   -inf]")
    #expect(Tensor<Float>([.nan, .infinity]).description == "[nan inf]")
    #expect(Tensor<Double>([1e10, .nan, -.infinity]).description == "[1.e+10    nan   -inf]")
    #expect(Tensor<Double>([-0.0, 0]).description == "[-0.  0.]")
  }

  @Test func matricesOfHigherRankAreSetApart() {
    #expect(
      Tensor<Int>(0..<12).reshaped(2, 3, 2).description == """
        [[[ 0  1]
          [ 2  3]
          [ 4  5]]

         [[ 6  7]
          [ 8  9]
          [10 11]]]
        """)
  }

  @Test func longTensorsShowTheirEnds() {
    #expect(Tensor<Int>(0..<1001).description == "[   0    1    2 ...  998  999 1000]")
    #expect(
      Tensor<Double>(rangeFrom: 0, to: 1200).reshaped(30, 40).description == """
        [[0.000e+00 1.000e+00 2.000e+00 ... 3.700e+01 3.800e+01 3.900e+01]
         [4.000e+01 4.100e+01 4.200e+01 ... 7.700e+01 7.800e+01 7.900e+01]
         [8.000e+01 8.100e+01 8.200e+01 ... 1.170e+02 1.180e+02 1.190e+02]
         ...
         [1.080e+03 1.081e+03 1.082e+03 ... 1.117e+03 1.118e+03 1.119e+03]
         [1.120e+03 1.121e+03 1.122e+03 ... 1.157e+03 1.158e+03 1.159e+03]
         [1.160e+03 1.161e+03 1.162e+03 ... 1.197e+03 1.198e+03 1.199e+03]]
        """)
    let planes = Tensor<Float>(zeros: [12, 2, 50]).description
    let plane = "[[0. 0. 0. ... 0. 0. 0.]\n  [0. 0. 0. ... 0. 0. 0.]]"
    let three = [plane, plane, plane].joined(separator: "\n\n ")
    #expect(planes == "[" + three + "\n\n ...\n\n " + three + "]")
  }

  @Test func layoutsAndRecordedTensorsPrintTheirValues() {
    let x = Tensor<Int>([[1, 2], [3, 4]])
    #expect(x.transposed().description == "[[1 3]\n [2 4]]")
    #expect(x[.slice(step: -1), .all].description == "[[3 4]\n [1 2]]")
    #expect(Tensor<Float>([5]).broadcast(to: [2, 2]).description == "[[5. 5.]\n [5. 5.]]")
    #expect(Tensor<Float>([1]).asVariable().exp().description == "[2.7182817]")
  }

  @Test func singleValuesPrintAsNumbersAndNothingAsBrackets() {
    #expect(Tensor<Float>(0.1).description == "0.1")
    #expect(Tensor<Double>(5).description == "5.0")
    #expect(Tensor<Double>(1e16).description == "1e+16")
    #expect(Tensor<Double>(123_456_789).description == "123456789.0")
    #expect(Tensor<Float>(123_456_792).description == "1.2345679e+08")
    #expect(Tensor<Double>(.nan).description == "nan")
    #expect(Tensor<Int32>(-7).description == "-7")
    #expect(Tensor<Float>(zeros: [0]).description == "[]")
    #expect(Tensor<Float>(zeros: [3, 0, 2]).description == "[]")
  }

  @Test func truthValuesAlign() {
    #expect(Tensor<Bool>([[true, false], [true, true]]).description == "[[ true false]\n [ true  true]]")
    #expect(Tensor<Bool>(true).description == "true")
  }
}
