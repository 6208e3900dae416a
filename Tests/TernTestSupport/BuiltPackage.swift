import Foundation

/// What the build that the tests run from has made: programs are compiled against it and linked from an archive of it.
package struct BuiltPackage {
  /// The folder of the package.
  package let root: String
  /// The folder of the build, with its modules and objects.
  private let products: String
  /// A folder for what is made here; removed at the end.
  private let work: String

  /// Nil, with a reason in `why`, where there is nothing to link against.
  package static func find(_ why: inout String, file: String = #filePath) -> BuiltPackage? {
    let manager = FileManager.default
    let root = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    guard let binary = try? manager.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      why = "this is not Linux"
      return nil
    }
    let products = URL(fileURLWithPath: binary).deletingLastPathComponent().path
    guard manager.fileExists(atPath: products + "/Modules/Tern.swiftmodule"), !products.contains(".build-") else {
      why = "\(products) has no modules of an ordinary build"
      return nil
    }
    let work = NSTemporaryDirectory() + "tern-built-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    guard (try? manager.createDirectory(atPath: work, withIntermediateDirectories: true)) != nil else {
      why = "\(work) cannot be made"
      return nil
    }
    return BuiltPackage(root: root, products: products, work: work)
  }

  /// Removes what was made.
  package func clean() { try? FileManager.default.removeItem(atPath: work) }

  /// What the compiler is told to find the modules.
  private var flags: [String] {
    [
      "-swift-version", "6", "-I", products + "/Modules",
      "-Xcc", "-fmodule-map-file=\(products)/CTernKernels.build/module.modulemap",
      "-Xcc", "-fmodule-map-file=\(root)/Modules/COpenBLAS/module.modulemap",
      "-Xcc", "-fmodule-map-file=\(root)/Modules/CZlib/module.modulemap",
      "-Xcc", "-fmodule-map-file=\(root)/Sources/CTernMPI/include/module.modulemap",
      "-Xcc", "-fmodule-map-file=\(root)/Sources/CTernTerminal/include/module.modulemap",
      "-module-cache-path", products + "/ModuleCache",
    ]
  }

  /// The compiler's answer to a program: nothing where it compiles. Ends with "out of time" after `seconds`.
  package func typecheck(_ program: String, seconds: Double) throws -> (messages: String, seconds: Double) {
    let source = work + "/typecheck.swift"
    try program.write(toFile: source, atomically: true, encoding: .utf8)
    let start = Date()
    let answer = try run(["swiftc", "-typecheck"] + flags + [source], seconds: seconds)
    return (answer.text, Date().timeIntervalSince(start))
  }

  /// The public symbols of a module and of what it adds to other modules' types: kind, name and declaration of each.
  package func symbols(of module: String) throws -> [(kind: String, name: String, declaration: String)] {
    struct Graph: Decodable {
      struct Symbol: Decodable {
        struct Kind: Decodable { var identifier: String }
        struct Fragment: Decodable { var spelling: String }
        var kind: Kind
        var pathComponents: [String]
        var declarationFragments: [Fragment]?
      }
      var symbols: [Symbol]
    }
    let folder = work + "/symbols-" + module
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #if arch(arm64)
      let target = "aarch64-unknown-linux-gnu"
    #else
      let target = "x86_64-unknown-linux-gnu"
    #endif
    let answer = try run(
      ["swift", "symbolgraph-extract", "-module-name", module, "-minimum-access-level", "public", "-target", target]
        + ["-output-dir", folder] + flags, seconds: 300)
    guard answer.status == 0 else { throw CocoaError(.executableLoad, userInfo: ["compiler": answer.text]) }
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().flatMap { file in
      let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
      return try JSONDecoder().decode(Graph.self, from: data).symbols.map { symbol in
        let declaration = (symbol.declarationFragments ?? []).map(\.spelling).joined()
        return (symbol.kind.identifier, symbol.pathComponents.joined(separator: "."), declaration)
      }
    }
  }

  /// Compiles a program, links it from an archive and runs it with arguments.
  package func run(main program: String, _ arguments: [[String]] = [[]]) throws -> [(status: Int32, text: String)] {
    let archive = work + "/libTern.a"
    if !FileManager.default.fileExists(atPath: archive) {
      let made = try run(["ar", "crs", archive] + objects(), seconds: 120)
      if made.status != 0 { return [made] }
    }
    let folder = work + "/\(UInt32.random(in: 0...UInt32.max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try program.write(toFile: folder + "/main.swift", atomically: true, encoding: .utf8)
    let built = try run(
      ["swiftc", "-Onone"] + flags + [folder + "/main.swift", "-o", folder + "/program", archive]
        + ["-lopenblas", "-llapacke", "-lz", "-lm"] + messagePassing(), seconds: 300)
    if built.status != 0 { return [built] }
    return try arguments.map { try run([folder + "/program"] + $0, seconds: 300) }
  }

  /// What links MPI where it was built in.
  private func messagePassing() throws -> [String] {
    #if MPI
      return try run(["pkg-config", "--libs", "mpi"], seconds: 60).text.split(whereSeparator: \.isWhitespace).map(
        String.init)
    #else
      return []
    #endif
  }

  /// The objects that the product Tern is made of. A build keeps those of files that were renamed since: they are left out.
  private func objects() throws -> [String] {
    let sources = try Set(
      FileManager.default.subpathsOfDirectory(atPath: root + "/Sources").compactMap {
        $0.split(separator: "/").last.map { "\($0).o" }
      })
    let targets = [
      "Tern", "TernTraining", "CTernTerminal", "TernCharts", "TernData", "TernNN", "TernDistributed", "CTernMPI",
      "TernTensor", "TernBackend", "CTernKernels", "CTernKernelLevels", "HeapModule", "InternalCollectionsUtilities",
    ]
    return try targets.flatMap { target in
      let folder = products + "/\(target).build"
      return try FileManager.default.subpathsOfDirectory(atPath: folder)
        .filter { path in
          guard path.hasSuffix(".o"), !path.hasSuffix(".swiftmodule.o") else { return false }
          return !target.contains("Tern")
            || path.split(separator: "/").last.map { sources.contains(String($0)) } == true
        }.map { folder + "/" + $0 }
    }
  }

  private func run(_ command: [String], seconds: Double) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "\(seconds)"] + command
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    return (process.terminationStatus, process.terminationStatus == 124 ? text + "out of time" : text)
  }
}
