import Foundation
import TernConformance
import Testing

/// Every case of the families in `Cases`, computed with PyTorch.
@Suite struct FamilyTests {
  @Test func elementwiseBinary() throws { try expectAllPass("elementwise_binary", skipping: 6) }

  @Test func elementwiseUnary() throws { try expectAllPass("elementwise_unary") }

  @Test func reductions() throws { try expectAllPass("reductions") }

  @Test func shaping() throws { try expectAllPass("shaping") }

  @Test func matrixProducts() throws { try expectAllPass("matmul") }

  @Test func linearAlgebra() throws { try expectAllPass("linalg") }

  @Test func convolutions() throws { try expectAllPass("nn_conv") }

  @Test func pooling() throws { try expectAllPass("nn_pool") }

  @Test func normalization() throws { try expectAllPass("nn_norm") }

  @Test func miscellany() throws { try expectAllPass("nn_misc") }

  @Test func initialization() throws { try expectAllPass("init") }

  @Test func losses() throws { try expectAllPass("nn_loss") }

  @Test func optimization() throws { try expectAllPass("optim") }

  @Test func models() throws { try expectAllPass("models") }

  private func expectAllPass(_ family: String, skipping: Int = 0) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")
    var lines: [String] = []
    var conformance = try Conformance { lines.append($0) }
    for chapter in ["Operations", "Networks"] {
      let manifest = folder.appending(path: "\(chapter)/\(family).json").path
      if FileManager.default.fileExists(atPath: manifest) { try conformance.run(manifest: manifest) }
    }
    #expect(conformance.tally.passed > 0)
    #expect(conformance.tally.failed == 0, "\(lines.joined(separator: "\n"))")
    #expect(conformance.tally.skipped == skipping)
  }
}
