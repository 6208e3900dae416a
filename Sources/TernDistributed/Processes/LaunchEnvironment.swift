import Foundation
import TernBackend

/// What the launcher of a job says in the environment.
package struct LaunchEnvironment: Sendable {
  /// The variable that says how many ranks there are, of several the one that says most.
  package let variable: String
  package let ranks: Int
  /// This process's number, where it is said.
  package let rank: Int?

  /// `nil` where no launcher says anything.
  package init?(_ environment: [String: String]) {
    let counts = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS"].compactMap { name in
      environment[name].flatMap(Int.init).map { (name, $0) }
    }
    let numbers = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"]
    rank = numbers.lazy.compactMap { environment[$0].flatMap(Int.init) }.first
    if let most = counts.max(by: { $0.1 < $1.1 }) {
      (variable, ranks) = most
    } else if let name = numbers.dropLast().first(where: { environment[$0] != nil }) {
      (variable, ranks) = (name, 1)
    } else {
      return nil
    }
  }

  /// That of this process.
  package static var current: LaunchEnvironment? { LaunchEnvironment(ProcessInfo.processInfo.environment) }

  /// Whether MPI has to be asked: a lone process under Slurm does not need it.
  var asksForMPI: Bool { variable != "SLURM_NTASKS" || ranks > 1 }

  /// What is wrong where MPI sees `seen` ranks, `nil` where all is well. `library` is what MPI is called, `nil` without one.
  func complaint(seen: Int, library: String?) -> String? {
    guard ranks > seen else { return nil }
    let found = "\(variable) says \(ranks) ranks, but "
    let lone = "each copy would run alone and write over the others' files"
    guard let library else {
      return found + "this program is built without MPI, and \(lone): build it with --traits MPI"
    }
    let remedy =
      variable == "SLURM_NTASKS"
      ? "start it with srun (srun --mpi=list names what it can do) or mpirun"
      : "start it with the mpirun of \(library)"
    return found + "\(library) sees \(seen), and \(lone): \(remedy)"
  }

  /// Ends the process with the complaint, which rank 0 writes for all.
  func stop(_ complaint: String) -> Never {
    if let rank, rank != 0 {
      // The launcher ends the job with the first that ends: rank 0 comes first.
      usleep(500_000)
      _exit(78)
    }
    ProcessSettings.stop(complaint)
  }
}
