// A convolutional network that reads handwritten digits, with the training loop that Tern brings.
import Tern

let digits = Digits.split  // 1,797 images of 8×8, inside the package
let scaling = Standardization(of: digits.train)

Random.seed(7)
let model = Sequential {
  Conv2D(1, 32, kernelSize: 3, padding: 1, bias: false)
  BatchNorm2d(32)
  ReLU()
  Conv2D(32, 64, kernelSize: 3, padding: 1, bias: false)
  BatchNorm2d(64)
  ReLU()
  MaxPool2D(2)
  Dropout(0.25)
  Flatten()
  Dense(64 * 4 * 4, 10)
}
print(model.summary)

let optimizer = SGD(model, learningRate: 0.02, momentum: 0.9, weightDecay: 1e-4)
let trainer = try Trainer(
  model, optimizer: optimizer, scheduler: Scheduler(optimizer, CosineSchedule(length: 12)),
  train: ImageDataset(digits.train, standardization: scaling),
  test: ImageDataset(digits.test, standardization: scaling), batchSize: 64, seed: 7)
trainer.afterEpoch = { _, epoch in
  print("epoch \(epoch.number): loss \(epoch.trainLoss), test accuracy \(epoch.testAccuracy ?? 0)")
}
try trainer.run(epochs: 12)

print("figure: \(trainer.history.epochs.last?.testAccuracy ?? 0)")
