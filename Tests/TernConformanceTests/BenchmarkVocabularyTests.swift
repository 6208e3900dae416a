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

  /// Operations of the cases that are views, parts of others, no more than arithmetic on a shape, or that want inputs which no
  /// row describes.
  private let unmeasured: Set = [
    "reshape", "squeeze", "unsqueeze", "flatten", "expand", "chunk", "slice", "select", "narrow", "scatter",
    "movedim", "mm", "qr", "svd", "eigh", "cholesky_solve", "lu_factor", "lu_solve", "matrix_rank", "cond", "fold",
    "dropout", "alpha_dropout", "multi_head_attention_forward", "rnn_relu", "ctc_loss", "atleast_1d", "atleast_2d",
    "atleast_3d", "broadcast_tensors", "complex", "contiguous", "dsplit", "expand_as", "fftfreq",
    "fractional_max_pool2d", "fractional_max_pool3d", "general_cosine", "hfftn", "hsplit", "ihfftn", "istft",
    "ldl_solve", "linear_cross_entropy", "lu_unpack", "max_unpool1d", "max_unpool2d", "max_unpool3d",
    "multilabel_margin_loss", "ormqr", "pca_lowrank", "reshape_as", "rfftfreq", "stft", "svd_lowrank", "swapaxes",
    "tensor_split", "tensorinv", "tensorsolve", "unflatten", "view_as", "vsplit",
    "as_strided", "as_strided_scatter", "logspace", "segment_reduce",
  ]

  @Test func everyOperationOfTheCasesIsMeasured() throws {
    let apart: Set = ["optim", "init", "models", "optimizer_variants"]
    var operations = Set<String>()
    for cases in ["Cases", "Vocabulary"] {
      let folder = root.appending(path: "Tests/TernConformanceTests/\(cases)").path
      for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".json") {
        let manifest = try Manifest(contentsOf: "\(folder)/\(file)")
        if !apart.contains(manifest.family) { operations.formUnion(manifest.cases.map(\.operation)) }
      }
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

  @Test func fourElementsAreAnotherSixty() throws {
    let workloads = try vocabulary().workloads(size: "4")
    #expect(workloads.count >= 60)
    for workload in workloads { try workload.make()?() }
  }

  @Test func layersAndOptimizersAreRows() throws {
    let names = try vocabulary().workloads(size: "1e3").map(\.name)
    #expect(names.count { $0.hasPrefix("vocabulary/layer_") } > 30)
    #expect(names.count { $0.hasPrefix("vocabulary/step_") } > 25)
    let backward = try vocabulary().workloads(size: "1e3", backward: true).map(\.name)
    #expect(backward.contains { $0.hasPrefix("vocabulary/layer_") })
    #expect(!backward.contains { $0.hasPrefix("vocabulary/step_") })
  }

  @Test func anUnknownSizeIsNamed() throws {
    let vocabulary = try vocabulary()
    let error = #expect(throws: ConformanceError.self) { _ = try vocabulary.workloads(size: "1e4") }
    #expect("\(error!)".contains("no size 1e4 (there are 1e3, 1e5, 1e7, 4)"))
  }
}
