// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "tern",
  products: [
    .library(name: "Tern", targets: ["Tern"]),
    .library(name: "TernVision", targets: ["TernVision"]),
    .library(name: "TernModels", targets: ["TernModels"]),
    .library(name: "TernONNX", targets: ["TernONNX"]),
    .library(name: "TernTensorBoard", targets: ["TernTensorBoard"]),
    .executable(name: "tern", targets: ["TernCLI"]),
  ],
  traits: [.trait(name: "MPI", description: "Ranks that mpirun or srun started, over the MPI that is installed.")],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", path: "Modules/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .systemLibrary(
      name: "CZlib", path: "Modules/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CJPEG", path: "Modules/CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(name: "CPNG", path: "Modules/CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CMPI", path: "Modules/CMPI", pkgConfig: "mpi", providers: [.apt(["libopenmpi-dev"])]),

    // What the kernels are called by, and the kernels: whoever calls them does not wait until they are compiled.
    .target(name: "CTernKernels", exclude: ["Levels", "Templates"]),
    .target(
      name: "CTernKernelLevels", dependencies: ["CTernKernels"], path: "Sources/CTernKernels/Levels",
      publicHeadersPath: ".",
      cSettings: [.headerSearchPath("../Templates")]),
    .target(name: "TernBackend", dependencies: ["CTernKernels", "COpenBLAS"]),
    .target(
      name: "TernTensor",
      dependencies: ["TernBackend", .product(name: "HeapModule", package: "swift-collections")]),
    .target(
      name: "CTernMPI", dependencies: [.target(name: "CMPI", condition: .when(traits: ["MPI"]))],
      cSettings: [.define("TERN_MPI", .when(traits: ["MPI"]))]),
    .target(name: "TernDistributed", dependencies: ["TernTensor", "TernBackend", "CTernMPI"]),
    .target(name: "TernNN", dependencies: ["TernDistributed", "TernTensor", "TernBackend", "CTernKernelLevels"]),
    .target(
      name: "TernData", dependencies: ["TernTensor", "TernBackend", "CTernKernelLevels", "CZlib"],
      exclude: ["Resources/SOURCE.md"]),
    .target(name: "CTernVision", dependencies: ["CJPEG", "CPNG"]),
    .target(
      name: "TernVision",
      dependencies: ["TernData", "TernTensor", "TernBackend", "CTernVision", "CJPEG", "CPNG"]),
    .target(name: "TernModels", dependencies: ["TernNN", "TernTensor", "TernBackend"]),
    .target(name: "TernCharts"),
    .target(name: "CTernTerminal", dependencies: ["CTernKernels"]),
    .target(
      name: "TernMessages", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["SOURCE.md", "ONNX/onnx.proto", "TensorBoard/tensorboard.proto", "TensorBoard/hparams.proto"]),
    .target(
      name: "TernONNX",
      dependencies: [
        "Tern", "TernNN", "TernData", "TernTensor", "TernBackend", "TernMessages",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .target(
      name: "TernTraining",
      dependencies: [
        "TernNN", "TernData", "TernDistributed", "TernTensor", "TernBackend", "TernCharts", "CTernTerminal",
      ]),
    .target(name: "TernConformance", dependencies: ["TernNN", "TernData", "TernTensor", "TernBackend"]),
    .target(
      name: "Tern",
      dependencies: [
        "TernBackend", "TernTensor", "TernDistributed", "TernNN", "TernData", "TernTraining", "TernCharts",
      ]),
    .target(
      name: "TernTensorBoard",
      dependencies: [
        "Tern", "TernTraining", "TernCharts", "TernNN", "TernData", "TernTensor", "TernBackend", "TernMessages",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .target(name: "TernExperiments", dependencies: ["Tern", "TernCharts"]),
    .target(
      name: "TernBench", dependencies: ["Tern", "TernConformance", "TernData", "TernTensor", "TernBackend"]),
    .executableTarget(
      name: "TernCLI",
      dependencies: [
        "Tern", "TernBackend", "TernBench", "TernConformance", "TernData", "TernExperiments", "TernModels",
        "TernONNX", "TernTensorBoard", "TernVision",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(name: "TernTestSupport", dependencies: ["TernBackend", "TernTensor"], path: "Tests/TernTestSupport"),
    .testTarget(name: "TernBackendTests", dependencies: ["TernBackend", "TernTestSupport"]),
    .testTarget(
      name: "TernTensorTests", dependencies: ["TernTensor", "TernTestSupport"], exclude: ["Random/Tables"]),
    .executableTarget(
      name: "RankProgram", dependencies: ["Tern", "TernDistributed", "TernModels", "TernTraining"],
      path: "Tests/RankProgram"),
    .testTarget(name: "TernDistributedTests", dependencies: ["TernDistributed", "TernTestSupport", "RankProgram"]),
    .testTarget(
      name: "TernNNTests", dependencies: ["TernNN", "TernData", "TernTestSupport"],
      exclude: ["Fixtures", "Distributions/Tables"]),
    .testTarget(
      name: "TernDataTests", dependencies: ["TernData", "TernTestSupport"], exclude: ["Fixtures"]),
    .testTarget(
      name: "TernVisionTests", dependencies: ["TernVision", "TernData", "TernTestSupport"], exclude: ["Fixtures"]),
    .testTarget(
      name: "TernModelsTests", dependencies: ["TernModels", "TernNN", "TernTensor", "TernTestSupport"],
      exclude: ["Fixtures", "reference.py"]),
    .testTarget(
      name: "TernONNXTests",
      dependencies: ["TernONNX", "Tern", "TernData", "TernTensor", "TernNN", "TernMessages", "TernModels"],
      exclude: ["Fixtures", "check.py", "backend.py", "collection.py", "others.py", "training.py"]),
    .testTarget(name: "TernTensorBoardTests", dependencies: ["TernTensorBoard", "Tern", "TernData", "TernMessages"]),
    .testTarget(name: "TernChartsTests", dependencies: ["TernCharts"]),
    .testTarget(name: "TernExperimentsTests", dependencies: ["TernExperiments", "Tern", "TernTestSupport"]),
    .testTarget(
      name: "TernTrainingTests", dependencies: ["Tern", "TernTestSupport"],
      exclude: ["Fixtures", "Metrics/make.py", "Metrics/metrics.json"]),
    .testTarget(
      name: "TernConformanceTests", dependencies: ["TernConformance", "TernBench", "TernTestSupport"],
      exclude: ["Cases", "CaseScripts", "Vocabulary"]),
    .testTarget(
      name: "TernCLITests",
      dependencies: ["Tern", "TernBackend", "TernCLI", "TernData", "TernModels", "TernTestSupport"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)

// Warnings are errors in the project's own builds; a program that depends on Tern is not held up by a newer compiler's.
if Context.environment["TERN_STRICT"] != nil {
  for target in package.targets where target.type != .system {
    target.swiftSettings = [.treatAllWarnings(as: .error)]
    if target.name.hasPrefix("CTern") { target.cSettings = (target.cSettings ?? []) + [.treatAllWarnings(as: .error)] }
  }
}
