import Foundation
import TernTensor
import TernTestSupport
import Testing

let allOperations: [TensorOperation] =
  elementwiseTable + comparisonTable + reductionTable + shapingTable + productTable + linearAlgebraTable + spatialTable
  + normalizationTable + sequenceTable + specialTable + algebraTable
  + bitsTable + fourierTable + orderTable + volumeTable

/// Every public operation, differentiated and on every layout. A new one joins with a row of a table beside this file.
@Suite struct TableTests {
  @Test("gradients of both orders agree with finite differences", arguments: allOperations)
  func gradients(_ operation: TensorOperation) { #expect(operation.wrongGradients == []) }

  @Test("layouts of operands, of indices and of gradients change nothing", arguments: allOperations)
  func layouts(_ operation: TensorOperation) { #expect(operation.layoutFailures == []) }

  @Test func namesAreUnique() { #expect(Set(allOperations.map(\.name)).count == allOperations.count) }

  @Test("every public operation has a row")
  func completeness() throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let sources = here.appending(path: "../../../Sources/TernTensor/Operations").standardizedFileURL
    // Settings and parts of subscripts.
    let exempt: Set = ["withConvolutionPrecision", "axisIndex", "index", "slice"]
    let missing = try operationsWithoutRow(sources: sources, tables: here).subtracting(exempt)
    #expect(missing == [])
  }

  @Test("every operation that records itself does so in a row")
  func records() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources/TernTensor")
    // Draws, whose derivatives are not those of the values drawn, factors without a derivative, and what runs in bfloat16
    // only: tested by themselves.
    let exempt: Set = [
      "randomGamma", "randomBeta", "randomDirichlet", "implicitDerivative", "ldlFactorization", "feed forward",
    ]
    let missing = try operationsNeverRecorded(sources: sources.standardizedFileURL, table: allOperations)
      .subtracting(exempt)
    #expect(missing == [])
  }
}
