import Tern

// What a linker drops from an archive shows here: the operations of each layer, and what copies itself.
let image = [1, 3, 8, 8]
let plain = Sequential {
  BatchNorm2d(3)
  MaxPool2D(2)
  Dropout(0.5)
  GELU()
}
print("Dense", cost(of: Dense(100, 10), input: [2, 100]).multiplyAdds)
print("Conv2D", cost(of: Conv2D(3, 4, kernelSize: 3, padding: .same), input: image).multiplyAdds)
print("Conv1D", cost(of: Conv1D(3, 4, kernelSize: 3), input: [1, 3, 10]).multiplyAdds)
print("ConvTranspose2D", cost(of: ConvTranspose2D(3, 4, kernelSize: 2, stride: 2), input: image).multiplyAdds)
print("not counted", cost(of: plain, input: image).uncounted)
print("copied", plain.copy().parameterCount)
