/// The version of Tern, as its git tags count.
public let ternVersion = "0.1.0"
