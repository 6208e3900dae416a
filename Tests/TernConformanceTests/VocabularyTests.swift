import Foundation
import TernConformance
import Testing

/// Every case of the families in `Vocabulary`, computed with PyTorch by the scripts in `CaseScripts`.
@Suite struct VocabularyTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vocabulary").path
  private static let manifests =
    ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".json") }.sorted()

  @Test(arguments: manifests) func everyCasePasses(_ manifest: String) throws {
    var lines: [String] = []
    var conformance = try Conformance { lines.append($0) }
    try conformance.run(manifest: "\(Self.folder)/\(manifest)")
    #expect(conformance.tally.passed > 0)
    #expect(conformance.tally.failed == 0, "\(lines.joined(separator: "\n"))")
    #expect(conformance.tally.skipped == 0)
  }

  @Test func familiesAreThere() { #expect(!Self.manifests.isEmpty) }
}
