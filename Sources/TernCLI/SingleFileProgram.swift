import Foundation
import TernData

/// A program of one file, compiled against the modules and objects that built this command.
struct SingleFileProgram {
  let checkout: Checkout
  let file: String

  /// What a module that a file imports brings with it: Swift and C modules of the checkout, and libraries of the system.
  private static let brought: [String: (modules: [String], libraries: [String])] = [
    "TernVision": (["TernVision", "CTernVision"], ["jpeg", "png"]),
    "TernModels": (["TernModels"], []),
    "TernONNX": (["TernONNX", "TernMessages", "SwiftProtobuf"], []),
    "TernTensorBoard": (["TernTensorBoard", "TernMessages", "SwiftProtobuf"], []),
  ]
  private static let core = [
    "CTernKernels", "CTernKernelLevels", "TernBackend", "TernTensor", "CTernMPI", "TernDistributed", "TernNN",
    "TernData", "TernCharts", "CTernTerminal", "TernTraining", "Tern", "HeapModule", "InternalCollectionsUtilities",
  ]

  /// The path of the program, compiled unless that was done before; throws with the compiler's messages printed.
  func compiled() throws -> String {
    guard let source = FileManager.default.contents(atPath: file) else { throw CommandError("\(file): no such file") }
    let text = String(decoding: source, as: UTF8.self)
    let path = try place(of: source)
    if FileManager.default.isExecutableFile(atPath: path) { return path }
    // Compiled beside its place and moved there, so that two at once do not meet.
    let unfinished = "\(path)-\(getpid())"
    defer {
      for leftover in [unfinished, objectList(of: unfinished)] { try? FileManager.default.removeItem(atPath: leftover) }
    }
    let arguments = try compilerArguments(text, output: unfinished)
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["swiftc"] + arguments
    try compiler.run()
    compiler.waitUntilExit()
    if compiler.terminationStatus == 127 { throw CommandError("swiftc is not in the search path") }
    guard compiler.terminationStatus == 0 else { throw CommandError("\(file) does not compile") }
    guard rename(unfinished, path) == 0 else {
      throw CommandError("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    return path
  }

  /// A path that depends on the file's place and contents and on the build.
  private func place(of source: Data) throws -> String {
    var folder = checkout.build + "/programs"
    if (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) == nil {
      folder = NSTemporaryDirectory() + "tern-programs-\(getuid())"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    var fingerprint = Fingerprint()
    fingerprint.add(URL(fileURLWithPath: file).standardizedFileURL.path)
    source.withUnsafeBytes { fingerprint.add($0) }
    let built = try FileManager.default.attributesOfItem(atPath: checkout.build + "/tern")
    if let date = built[.modificationDate] as? Date { fingerprint.add("\(date.timeIntervalSince1970)") }
    return "\(folder)/\(moduleName)-\(fingerprint.text)"
  }

  /// The objects to link: too many for a command line.
  private func objectList(of output: String) -> String { output + ".objects" }

  private var moduleName: String {
    let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    let folder = URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().lastPathComponent
    let letters = (name == "main" ? folder : name).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return "Program_" + String(letters)
  }

  private func compilerArguments(_ text: String, output: String) throws -> [String] {
    let lines = text.split(whereSeparator: \.isNewline)
    let imports = Set(
      lines.filter { $0.hasPrefix("import ") }.map { String($0.dropFirst(7).prefix { !$0.isWhitespace }) })
    let extra = imports.sorted().compactMap { Self.brought[$0] }
    var result = ["-O", "-swift-version", "6", "-module-name", moduleName, "-I", checkout.build + "/Modules", file]
    if lines.contains(where: { $0.hasPrefix("@main") }) { result.append("-parse-as-library") }
    var maps = try FileManager.default.contentsOfDirectory(atPath: checkout.root + "/Modules").sorted().map {
      "\(checkout.root)/Modules/\($0)/module.modulemap"
    }
    maps.append(checkout.build + "/CTernKernels.build/module.modulemap")
    maps += (["CTernMPI", "CTernTerminal"] + extra.flatMap(\.modules)).map {
      "\(checkout.root)/Sources/\($0)/include/module.modulemap"
    }
    for map in maps where FileManager.default.fileExists(atPath: map) {
      result += ["-Xcc", "-fmodule-map-file=\(map)"]
    }
    result += ["-Xcc", "-I\(checkout.root)/Sources/CTernKernels/include"]
    // What the build linked: its folders may hold objects of sources that are gone.
    let linked = try String(contentsOfFile: checkout.build + "/tern.product/Objects.LinkFileList", encoding: .utf8)
    let paths = linked.split(whereSeparator: \.isNewline).map { $0.filter { $0 != "\"" && $0 != "'" } }
    let folders = Set(Self.core + extra.flatMap(\.modules)).map { "/\($0).build/" }
    let objects = paths.filter { path in folders.contains { path.contains($0) } }
    let list = objectList(of: output)
    try Data(objects.map { "\"\($0)\"" }.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: list))
    result += ["@" + list]
    result += ["-lopenblas", "-llapacke", "-lz", "-lm"] + extra.flatMap(\.libraries).map { "-l\($0)" }
    #if MPI
      result += packageFlags("mpi", "--libs")
    #endif
    return result + packageFlags("openblas", "--cflags", "--libs-only-L") + ["-o", output]
  }

  /// Where the linker and the compiler find a library of the system, as pkg-config says.
  private func packageFlags(_ name: String, _ options: String...) -> [String] {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["pkg-config"] + options + [name]
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return [] }
    let words = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return words.split(whereSeparator: \.isWhitespace).flatMap {
      $0.hasPrefix("-I") ? ["-Xcc", String($0)] : [String($0)]
    }
  }
}
