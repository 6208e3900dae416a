/// The files of a package that trains.
struct NewPackage {
  let name: String
  /// The line of Package.swift that says where Tern comes from.
  let dependency: String

  private var module: String { name.map { $0 == "-" ? "_" : String($0) }.joined() }

  /// Paths in the package, and what is written there.
  var files: [(path: String, text: String)] {
    [
      ("Package.swift", manifest), ("Sources/\(name)/Classifier.swift", model), ("Sources/\(name)/main.swift", program),
      ("Tests/\(name)Tests/ClassifierTests.swift", tests), ("Dockerfile", container),
      (".gitignore", ".build/\nruns/\n"),
    ]
  }

  private var manifest: String {
    """
    // swift-tools-version: 6.2
    import PackageDescription

    let package = Package(
      name: "\(name)",
      dependencies: [
        \(dependency)
      ],
      targets: [
        .executableTarget(name: "\(name)", dependencies: [.product(name: "Tern", package: "tern")]),
        .testTarget(name: "\(name)Tests", dependencies: ["\(name)"]),
      ]
    )

    """
  }

  private var model: String {
    """
    import Tern

    /// A network that says which of ten digits a picture [N, 1, 8, 8] shows.
    final class Classifier: Layer {
      let features = Sequential {
        Conv2D(1, 32, kernelSize: 3, padding: 1, bias: false)
        BatchNorm2d(32)
        ReLU()
        MaxPool2D(2)
        Dropout(0.25)
      }
      let head = Dense(32 * 4 * 4, 10)

      func forward(_ images: Tensor<Float>) -> Tensor<Float> {
        head(features(images).flattened(from: 1))
      }
    }

    """
  }

  private var program: String {
    """
    import Tern

    // 1,797 pictures of digits that come with Tern: put your own data in their place.
    let digits = Digits.split

    Random.seed(7)
    let model = Classifier()
    print(model.summary)

    let optimizer = AdamW(model, learningRate: 2e-3)
    let trainer = try Trainer(
      model, optimizer: optimizer, scheduler: Scheduler(optimizer, CosineSchedule(length: 10)),
      train: ImageDataset(digits.train), test: ImageDataset(digits.test), batchSize: 64, seed: 7)
    trainer.afterEpoch = { _, epoch in
      print("epoch \\(epoch.number): loss \\(epoch.trainLoss), test accuracy \\(epoch.testAccuracy ?? 0)")
    }
    try trainer.run(epochs: 10)
    try model.save(to: "classifier.safetensors")
    print("saved in classifier.safetensors")

    """
  }

  private var tests: String {
    """
    import Tern
    import Testing

    @testable import \(module)

    @Suite struct ClassifierTests {
      @Test func hasALogitForEachDigit() {
        let logits = Classifier()(Tensor(randomNormal: [3, 1, 8, 8]))
        #expect(logits.shape == [3, 10])
      }

      @Test func learns() {
        Random.seed(1)
        let model = Classifier()
        let optimizer = AdamW(model, learningRate: 2e-3)
        let batch = ImageDataset(Digits.split.train).batch(Array(0 ..< 64))
        let first = crossEntropy(model(batch.inputs), batch.labels).item
        for _ in 1 ... 20 {
          let loss = crossEntropy(model(batch.inputs), batch.labels)
          optimizer.zeroGradients()
          loss.backward()
          optimizer.step()
        }
        #expect(crossEntropy(model(batch.inputs), batch.labels).item < first / 2)
      }
    }

    """
  }

  private var container: String {
    """
    # docker build -t \(name.lowercased()) . && docker run \(name.lowercased())
    # The package must get Tern by --url: a path of this machine is not there.
    FROM swift:6.2-bookworm AS build
    RUN apt-get update && apt-get install -y --no-install-recommends \\
      libopenblas-dev liblapacke-dev zlib1g-dev pkg-config && rm -rf /var/lib/apt/lists/*
    WORKDIR /package
    COPY . .
    RUN swift build -c release --static-swift-stdlib

    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends \\
      libopenblas0-pthread liblapacke zlib1g && rm -rf /var/lib/apt/lists/*
    COPY --from=build /package/.build/release/\(name) /usr/local/bin/\(name)
    CMD ["\(name)"]

    """
  }
}
