import Foundation

/// Runs the conformance cases of a folder, or of one family, and reports what fails.
package struct Conformance {
  /// The families whose operations Tern has.
  package static var families: [any ConformanceFamily.Type] {
    [
      ElementwiseBinary.self, ElementwiseUnary.self, Reductions.self, MatrixProducts.self, Convolutions.self,
      Pooling.self, Normalization.self, Shaping.self, LinearAlgebra.self, Miscellany.self, Losses.self,
      Initialization.self, Optimization.self, Models.self,
      OrderStatistics.self,
      Convolutions3D.self,
      Pooling3D.self,
      SpecialFunctions.self,
      Algebra.self,
      Fourier.self,
      EmbeddingBags.self,
      Updates.self,
      IntegersAndBits.self,
      SequenceLayers.self,
      Shapes.self,
      ImageSampling.self,
      LossVariants.self,
      OptimizerVariants.self,
      Decompositions.self,
      OperatorSamples.self,
    ]
  }

  /// How many cases passed, failed, and were counted apart.
  package struct Tally: Sendable, CustomStringConvertible {
    package var passed = 0
    package var failed = 0
    package var skipped = 0

    package var description: String {
      "\(passed) passed, \(failed) failed" + (skipped > 0 ? ", \(skipped) skipped" : "")
    }
  }

  package var tally = Tally()
  private let only: Regex<AnyRegexOutput>?
  private let verbose: Bool
  private let report: (String) -> Void

  /// - Parameters:
  ///   - only: runs the cases whose `family/case` begins with a match.
  ///   - verbose: names every case before it runs, and its outcome.
  ///   - report: takes the lines of the report.
  package init(only: String? = nil, verbose: Bool = false, report: @escaping (String) -> Void) throws {
    self.only = try only.map { try Regex($0) }
    self.verbose = verbose
    self.report = report
  }

  /// Runs every family of a folder and the folders in it, in the order of their names.
  package mutating func run(folder: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
      throw ConformanceError("\(folder): there is no such folder (expected a folder with manifests, *.json)")
    }
    guard isFolder.boolValue else {
      throw ConformanceError("\(folder): is no folder (expected a folder with manifests, *.json)")
    }
    guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      throw ConformanceError("\(folder): may not be read (expected a folder with manifests, *.json)")
    }
    let files = names.filter { $0.hasSuffix(".json") }.sorted()
    if files.isEmpty { throw ConformanceError("\(folder): no manifests (*.json) here") }
    for file in files { try run(manifest: "\(folder)/\(file)") }
  }

  /// Runs the cases of one manifest.
  package mutating func run(manifest path: String) throws {
    let manifest = try Manifest(contentsOf: path)
    let chosen = try manifest.cases.filter { try matches("\(manifest.family)/\($0.name)") }
    if chosen.isEmpty { return }
    guard let family = Self.families.first(where: { $0.name == manifest.family }) else {
      report("\(manifest.family): the family is not there yet: \(chosen.count) failed")
      tally.failed += chosen.count
      return
    }
    var part = Tally()
    var unknown: [String: Int] = [:]
    for test in chosen {
      let name = "\(manifest.family)/\(test.name)"
      if family.rulesOut(test.name) {
        part.skipped += 1
        report("skipped \(name): the types rule it out")
        continue
      }
      if verbose { report("run     \(name)") }
      do {
        let lines = try CaseRunner.run(test, of: manifest, family)
        if lines.isEmpty { part.passed += 1 } else { part.failed += 1 }
        for line in lines { report("FAILED  \(name): \(line)") }
      } catch let error as UnknownOperation {
        part.failed += 1
        unknown[error.name, default: 0] += 1
      } catch {
        part.failed += 1
        report("FAILED  \(name): \(error)")
      }
    }
    for (name, count) in unknown.sorted(by: { $0.key < $1.key }) {
      report("FAILED  \(manifest.family): no operation \"\(name)\": \(count) cases")
    }
    report("\(manifest.family): \(part)")
    tally.passed += part.passed
    tally.failed += part.failed
    tally.skipped += part.skipped
  }

  private func matches(_ name: String) throws -> Bool {
    guard let only else { return true }
    return try only.prefixMatch(in: name) != nil
  }
}
