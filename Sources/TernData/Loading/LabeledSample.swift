import TernBackend
import TernTensor

/// A sample with its label, without the axis of samples.
public struct LabeledSample<Input: TensorScalar, Label: TensorScalar>: Collatable {
  /// […]
  public var input: Tensor<Input>
  /// […]: [] for a class, or values to come near.
  public var label: Tensor<Label>

  /// A sample with its label, as a class.
  ///
  /// - Parameters:
  ///   - input: The input.
  ///   - label: The label.
  public init(_ input: Tensor<Input>, label: Label) { self.init(input, label: Tensor(label)) }

  /// A sample with its label.
  ///
  /// - Parameters:
  ///   - input: The input.
  ///   - label: The label.
  public init(_ input: Tensor<Input>, label: Tensor<Label>) {
    self.input = input.detached()
    self.label = label.detached()
  }

  /// The samples and their labels, along new first axes.
  public static func collate(_ samples: [LabeledSample]) -> LabeledBatch<Input, Label> {
    LabeledBatch(inputs: .collate(samples.map(\.input)), labels: .collate(samples.map(\.label)))
  }

  /// The sample with another input.
  public func withInput<Other: TensorScalar>(_ input: Tensor<Other>) -> LabeledSample<Other, Label> {
    LabeledSample<Other, Label>(input, label: label)
  }
}

/// A sample whose first axis may have another length in every sample, as texts and recordings do: padded in batches.
public struct SampleSequence<Scalar: TensorScalar>: Collatable {
  /// [length, …]
  public var values: Tensor<Scalar>

  /// A sequence [length, …]; stops where there is no first axis.
  ///
  /// - Parameter values: The elements, steps along the first axis.
  public init(_ values: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(values.rank > 0, "SampleSequence", "a tensor of rank 0 has no length")
    self.values = values.detached()
  }

  /// The sequences, filled up with zeros.
  public static func collate(_ samples: [SampleSequence]) -> PaddedBatch<Scalar> { PaddedBatch(samples.map(\.values)) }
}

/// Sequences of different lengths as one tensor, filled up behind each, with the lengths and a mask.
public struct PaddedBatch<Scalar: TensorScalar>: Sendable {
  /// [samples, longest, …]
  public var values: Tensor<Scalar>
  /// [samples]: how long each sequence is.
  public var lengths: Tensor<Int>
  /// [samples, longest]: true where there is an element of the sequence, false where it was filled up.
  public var mask: Tensor<Bool>

  /// The `sequences` [length, …] as a batch.
  ///
  /// - Parameters:
  ///   - padding: what they are filled up with.
  ///   - length: the length of all; that of the longest where it is `nil`.
  ///   - multiple: the length is rounded up to a multiple of it where `length` is `nil`; at least 1.
  ///
  /// Stops where they differ elsewhere than in their length, and for one that is longer than `length`.
  public init(
    _ sequences: [Tensor<Scalar>], padding: Scalar = .zero, length: Int? = nil, multiple: Int = 1,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "PaddedBatch"
    check(multiple >= 1, name, "multiple \(multiple) is less than 1")
    let tail = sequences.first?.shape.dropFirst() ?? []
    for (index, sequence) in sequences.enumerated() {
      check(sequence.rank > 0, name, "sequence \(index) is of rank 0 and has no length")
      check(
        sequence.shape.dropFirst() == tail, name,
        "sequence \(index) is of shape \(sequence.shape), the first of \(sequences[0].shape)")
    }
    let longest = sequences.map { $0.shape[0] }.max() ?? 0
    if let length { check(longest <= length, name, "a sequence of \(longest) for a length of \(length)") }
    let remainder = longest % multiple
    let (rounded, overflows) = longest.addingReportingOverflow(remainder == 0 ? 0 : multiple - remainder)
    check(!overflows, name, "no length is a multiple of \(multiple)")
    let width = length ?? rounded
    let size = tail.reduce(1, *)
    values = Tensor(shape: [sequences.count, width] + tail) { out in
      for (row, sequence) in sequences.enumerated() {
        let (start, count) = (out + row * width * size, sequence.count)
        sequence.withUnsafeScalars { if let base = $0.baseAddress { start.update(from: base, count: count) } }
        (start + count).update(repeating: padding, count: width * size - count)
      }
    }
    lengths = Tensor(sequences.map { $0.shape[0] })
    mask = Tensor(shape: [sequences.count, width]) { out in
      for (row, sequence) in sequences.enumerated() {
        for place in 0..<width { out[row * width + place] = place < sequence.shape[0] }
      }
    }
  }
}
