import TernData
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// A mistake stops with one line that names the line of the program that made it.
@Suite struct CallerPlaceTests {
  @Test func layers() async {
    // In an exit test every line is that of the macro.
    var here = #line
    var result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dense(31, 10)(Tensor(ones: [4, 32]))
    }
    expect("Dense: input [4, 32]", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let layer: any Layer<Float> = Sequential {
        Dense(4, 4); Dense(31, 10)
      }
      _ = layer(Tensor(ones: [4, 4]))
    }
    expect("Dense: input [4, 4]", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Embedding(3, 4)(Tensor<Int>([7]))
    }
    expect("embedding: index 7", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GRU(3, 4)(Tensor(ones: [2, 5, 7]), hidden: nil)
    }
    expect("", at: here + 1, in: result)
  }

  @Test("An operator in a layer: the innermost call outside the library's modules")
  func operators() async {
    final class Own: Module, Layer {
      func forward(_ input: Tensor<Float>) -> Tensor<Float> { input + Tensor([1, 2, 3]) }
    }
    let here = #line
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Own()(Tensor(ones: [2]))
    }
    expect("", at: here + 1, in: result)
  }

  @Test func operations() async {
    // In an exit test every line is that of the macro.
    var here = #line
    var result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = matmul(Tensor<Float>(ones: [2, 3]), Tensor<Float>(ones: [2, 3]))
    }
    expect("matmul: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [2, 3]).reshaped(4)
    }
    expect("reshaped: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = concatenate([Tensor<Float>(ones: [2, 3]), Tensor<Float>(ones: [2])])
    }
    expect("concatenate: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let (x, i) = (Tensor<Float>(ones: [2, 3]), 5)
      _ = x[.all, i]
    }
    expect("subscript: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var x = Tensor<Float>(ones: [3])
      x[4] = 1
    }
    expect("subscript: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let (x, row) = (Tensor<Float>(ones: [2, 3]), 1)
      let element: Float = x[row, .all]
      _ = element
    }
    expect("item: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv2D(Tensor<Float>(ones: [1, 2, 3, 3]), Tensor<Float>(ones: [1, 3, 3, 3]))
    }
    expect("conv2D: ", at: here + 1, in: result)
  }

  @Test func losses() async {
    // In an exit test every line is that of the macro.
    var here = #line
    var result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor<Float>(ones: [2, 3]), Tensor<Int>([0, 7]))
    }
    expect("crossEntropy: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MeanSquaredErrorLoss()(Tensor<Float>(ones: [2, 3]), Tensor<Float>(ones: [4]))
    }
    expect("meanSquaredError: ", at: here + 1, in: result)
  }

  @Test func training() async {
    // In an exit test every line is that of the macro.
    var here = #line
    var result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SGD(Dense(2, 2), learningRate: -1)
    }
    expect("SGD: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DataLoader(TensorDataset(Tensor<Float>(ones: [4, 2]), Tensor<Int>([0, 1, 0, 1])), batchSize: 0)
    }
    expect("DataLoader: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepSchedule(size: 0)
    }
    expect("StepSchedule: ", at: here + 1, in: result)
    here = #line
    result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Tensor<Float>([1, 2]).backward()
    }
    expect("backward: ", at: here + 1, in: result)
  }

  /// Expects one line about a mistake, with this file's `line` and the beginning of a message.
  private func expect(
    _ message: String, at line: Int, in result: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let words = lastWords(result)
    #expect(
      words.contains("CallerPlaceTests.swift:\(line): Fatal error: \(message)"), "\(words)",
      sourceLocation: sourceLocation)
    #expect(words.split(separator: "\n").count { $0.contains("Fatal error") } == 1, sourceLocation: sourceLocation)
    #expect(!words.contains("Backtrace"), sourceLocation: sourceLocation)
  }
}
