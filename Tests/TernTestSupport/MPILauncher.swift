import Foundation

/// The mpirun of the MPI that the tests are built with: what TERN_MPIRUN names, else the first on the path.
public enum MPILauncher {
  /// Where it is; `nil` where there is none.
  public static let path: String? = {
    let environment = ProcessInfo.processInfo.environment
    let name = environment["TERN_MPIRUN"] ?? "mpirun"
    let folders = name.contains("/") ? [""] : (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/" }
    return folders.map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// The options with which it starts any number of ranks on this machine, whoever calls it.
  public static let options: [String] = {
    guard let path, isOpenMPI(path) else { return [] }
    return ["--oversubscribe", "--bind-to", "none"] + (getuid() == 0 ? ["--allow-run-as-root"] : [])
  }()

  private static func isOpenMPI(_ path: String) -> Bool {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["--version"]
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    let answer = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return answer.contains("Open MPI") || answer.contains("OpenRTE")
  }
}
