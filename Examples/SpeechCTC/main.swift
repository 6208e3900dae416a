// Speech made on the spot: words of tones, of no fixed length and with noise, read by a bidirectional LSTM over spectra
// that was told only which tones there are and in which order (connectionist temporal classification, Graves et al. 2006).
import Tern

/// A signal [4096] of 3 to 6 tones 1…5 with silence between them, and the tones.
func utterance() -> (signal: Tensor<Float>, tones: [Int]) {
  let frequencies: [Float] = [0.05, 0.11, 0.17, 0.26, 0.38]  // cycles a sample
  let count = Tensor<Int>(randomIntegers: [], in: 3..<7).item
  let tones = Tensor<Int>(randomIntegers: [count], in: 1..<6).scalars
  var parts: [Tensor<Float>] = []
  for tone in tones {
    let lengths = Tensor<Int>(randomIntegers: [2], in: 150..<400).scalars
    let phase = Tensor<Float>(rangeFrom: 0, to: Float(lengths[0])) * (2 * Float.pi * frequencies[tone - 1])
    parts += [Tensor(zeros: [lengths[1] / 2]), phase.sin()]
  }
  let spoken = concatenate(parts)
  let signal = spoken.padded([(0, 4096 - spoken.count)]) + Tensor(randomNormal: [4096], deviation: 0.3)
  return (signal, tones)
}

/// Log magnitudes of overlapping windows, [T, N, 65].
func spectra(_ signals: [Tensor<Float>]) -> Tensor<Float> {
  let spectrum = stack(signals).stft(128, hop: 64, window: Tensor(window: .hann, count: 128))
  return (spectrum.magnitude + 0.1).log().permuted(2, 0, 1)
}

final class Recognizer: Module {
  let recurrent = LSTM(65, 48, bidirectional: true)
  let head = Dense(96, 6)

  /// Log probabilities of blank (0) and tones (1…5) at every step, [T, N, 6].
  func callAsFunction(_ spectra: Tensor<Float>) -> Tensor<Float> {
    head(recurrent(spectra, state: nil).output).logSoftmax(along: 2)
  }
}

Random.seed(9)
let model = Recognizer()
let optimizer = Adam(model, learningRate: 1e-2)
for step in 1...300 {
  let batch = (0..<16).map { _ in utterance() }
  let scores = model(spectra(batch.map(\.signal)))
  let loss = ctcLoss(
    scores, Tensor(batch.flatMap(\.tones)), inputLengths: Array(repeating: scores.shape[0], count: 16),
    targetLengths: batch.map(\.tones.count))
  optimizer.zeroGradients()
  loss.backward()
  clipGradients(of: model, norm: 5)
  optimizer.step()
  if step.isMultiple(of: 50) { print("step \(step): \(loss.item)") }
}

/// The tones that the likeliest alignment of [T, 6] says: repeated ones once, blanks not at all.
func read(_ scores: Tensor<Float>) -> [Int] {
  let path = scores.argmax(along: 1).scalars
  return path.indices.filter { path[$0] != 0 && ($0 == 0 || path[$0] != path[$0 - 1]) }.map { path[$0] }
}

withoutGradients {
  let batch = (0..<100).map { _ in utterance() }
  let scores = model(spectra(batch.map(\.signal)))
  let right = batch.indices.count { read(scores[.all, $0]) == batch[$0].tones }
  print("said \(batch[0].tones), read \(read(scores[.all, 0]))")
  print("figure: \(Double(right) / 100)")
}
