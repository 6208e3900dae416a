import Foundation
import TernTestSupport
import Testing

/// Which names of the layers below a program sees that imports Tern.
@Suite(.serialized) struct PublicNamesTests {
  /// Settings of the process, and what it runs on.
  private let seen = [
    "Workers.count = 2", "_ = Workers.available", "MemoryPool.limit = 1 << 20", "_ = MemoryPool.statistics.hits",
    "_ = SystemInfo.current.level == .avx2", "_ = CPULevel.current",
  ]

  /// Kernels, BLAS, LAPACK, and the types that their parameters have.
  private let unseen = [
    "_ = Float.fill", "Float.copy(1, p, 1, p, 1)", "_ = Double.unary", "_ = Int.binary", "_ = Bool.gather",
    "_ = Float.gemm", "_ = Double.gesdd", "_ = Float.softmax", "_ = Float.adam", "_ = Double.normalizePlanes",
    "_ = Float.patches", "_ = Float.floatingKernels", "_ = Int32.scalarKind", "_ = UnaryKernel.exp",
    "_ = BinaryKernel.add", "_ = ReductionKernel.sum", "_ = ScalarKind.float32", "_ = RowSteps(out: 1, a: 1, b: 1)",
    "_ = SGDUpdate()", "_ = PatchGrid.self", "_ = DirectKernels.lanes", "_ = MaxPoolKernels.self",
    "_ = NormalizationBlock.self", "_ = Philox.self", "_ = Transpose.none", "_ = BLAS.self", "_ = OpenBLAS.coreName",
    "_ = tern_kernels()", "_ = tern_pool_limit()", "cblas_sscal(1, 1, p, 1)", "_ = ScalarKernels(.float32)",
  ]

  private func withPackage(_ body: (BuiltPackage) throws -> Void) rethrows {
    var why = ""
    guard let package = BuiltPackage.find(&why) else {
      print("The public names are not looked at: \(why)")
      return
    }
    defer { package.clean() }
    try body(package)
  }

  /// A function for each line, so that each has its own errors; line i of `lines` is line i + 2 of the program.
  private func program(_ lines: [String]) -> String {
    "import Tern\n"
      + lines.enumerated().map { "func name\($0)(_ p: UnsafeMutablePointer<Float>) { \($1) }" }.joined(separator: "\n")
  }

  @Test func settingsAreSeenAndKernelsAreNot() throws {
    try withPackage { package in
      let (messages, _) = try package.typecheck(program(seen + unseen), seconds: 300)
      let lines = messages.split(separator: "\n").filter { $0.contains("typecheck.swift:") && $0.contains("error:") }
        .compactMap { $0.split(separator: ":").dropFirst().first.flatMap { Int($0) } }
      for (index, name) in (seen + unseen).enumerated() {
        #expect(lines.contains(index + 2) == (index >= seen.count), "\(name): \(messages)")
      }
    }
  }

  @Test(
    "no public static function takes a pointer, no public declaration has a name of C's",
    arguments: [
      "TernBackend", "TernTensor", "TernNN", "TernData", "TernTraining",
    ])
  func publicDeclarationsArePlain(_ module: String) throws {
    try withPackage { package in
      let symbols = try package.symbols(of: module)
      #expect(symbols.count > 20)
      let hidden = ["tern_", "cblas", "OpaquePointer", "UnaryKernel", "BinaryKernel", "ReductionKernel", "ScalarKind"]
      for (kind, name, declaration) in symbols {
        #expect(kind != "swift.type.method" || !declaration.contains("Pointer<"), "\(name): \(declaration)")
        for word in hidden { #expect(!declaration.contains(word), "\(name): \(declaration)") }
      }
    }
  }
}
