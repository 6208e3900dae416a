import Foundation
import TernBench
import TernConformance
import Testing

/// The rows that `tern bench --vocabulary` measures.
@Suite struct BenchmarkVocabularyTests {
  private let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func vocabulary() throws -> Vocabulary {
    try Vocabulary(contentsOf: root.appending(path: "Benchmarks/vocabulary.json").path)
  }

  /// Operations of the cases that are views, parts of others, or no more than arithmetic on a shape.
  private let unmeasured: Set = [
    "reshape", "squeeze", "unsqueeze", "flatten", "expand", "chunk", "slice", "select", "narrow", "scatter", "movedim",
    "mm", "qr", "svd", "eigh", "cholesky_solve", "lu_factor", "lu_solve", "matrix_rank", "cond", "fold", "dropout",
    "alpha_dropout", "multi_head_attention_forward", "rnn_relu", "ctc_loss",
  ]

  @Test func everyOperationOfTheCasesIsMeasured() throws {
    let folder = root.appending(path: "Tests/TernConformanceTests/Cases").path
    let apart: Set = ["optim", "init", "models"]
    var operations = Set<String>()
    for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".json") {
      let manifest = try Manifest(contentsOf: "\(folder)/\(file)")
      if !apart.contains(manifest.family) { operations.formUnion(manifest.cases.map(\.operation)) }
    }
    let rows = try vocabulary().operations
    #expect(operations.subtracting(rows).subtracting(unmeasured).sorted() == [])
    #expect(unmeasured.subtracting(operations).sorted() == [])
  }

  @Test(arguments: [false, true]) func everyRowRunsInBothPrecisions(backward: Bool) throws {
    for double in [false, true] {
      for layout in VocabularyLayout.allCases {
        let workloads = try vocabulary().workloads(size: "1e3", double: double, layout: layout, backward: backward)
        for workload in workloads {
          guard let call = try workload.make() else { continue }
          call()
        }
        #expect(workloads.count > 150)
      }
    }
  }

  @Test func anUnknownSizeIsNamed() throws {
    let vocabulary = try vocabulary()
    let error = #expect(throws: ConformanceError.self) { _ = try vocabulary.workloads(size: "1e4") }
    #expect("\(error!)".contains("no size 1e4 (there are 1e3, 1e5, 1e7)"))
  }
}
