import ArgumentParser
import Tern

extension TrainCommand {
  /// The steps of `--profile`, from 1.
  var profiledSteps: ClosedRange<Int>? {
    get throws {
      guard let profile else { return nil }
      let ends = profile.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 1, last >= first else {
        throw ValidationError("--profile \(profile): the first and the last step are needed, such as 10:20")
      }
      return first...last
    }
  }
}
