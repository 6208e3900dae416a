import Foundation
import TernBackend
import TernTensor
import TernTestSupport
import Testing

#if os(Linux)
  /// Every operation of the tables of gradients, with operands of other shapes than it takes.
  private let hostileOperands: [HostileCase] = allOperations.map { operation in
    HostileCase(operation.name) { n in
      var operands = operation.operands(operation.forms[0])
      for place in operands.tensors.indices where n.flag() {
        operands.tensors[place] = n.tensor(Double.self, rank: n.flag() ? operands.tensors[place].rank : nil)
      }
      for place in operands.indices.indices where n.flag() { operands.indices[place] = n.integers() }
      for place in operands.masks.indices where n.flag() { operands.masks[place] = n.tensor(Bool.self) }
      _ = operation.function(operands)
    }
  }

  /// With any argument a call returns, throws, or stops with one line of the library's own.
  @Suite(.serialized) struct HostileArgumentTests {
    @Test func arguments() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(
          hostileFailures(
            hostileShapingTable + hostileOperationsTable + hostileImagesTable + hostileOrderTable
              + hostileVolumesTable + hostileSpecialTable + hostileSequencesTable + hostileRandomTable
              + hostileAlgebraTable + hostileSamplingTable + hostileFourierTable,
            rounds: hostileRounds(6)))
      }
      #expect(text(result?.standardErrorContent) == "")
    }

    @Test func operands() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(hostileFailures(hostileOperands, rounds: hostileRounds(6)))
      }
      #expect(text(result?.standardErrorContent) == "")
    }

    @Test("every operation that takes whole numbers has a row")
    func completeness() throws {
      let here = URL(filePath: #filePath).deletingLastPathComponent()
      let sources = here.appending(path: "../../../Sources/TernTensor/Operations").standardizedFileURL
      let missing = try operationsWithoutRow(
        sources: sources, tables: here,
        taking: [": Int", "[Int]", "PairConvertible", "TripleConvertible", "PatchGeometry"])
      #expect(missing == [])
    }
  }
#endif
