import Foundation
import Synchronization
import TernBackend
import Testing

#if os(Linux)
  /// `fork`, which Swift hides.
  private let fork: @convention(c) () -> pid_t = {
    unsafeBitCast(dlsym(nil, "fork")!, to: (@convention(c) () -> pid_t).self)
  }()

  @Suite(.serialized) struct ForkTests {
    @Test(.disabled(if: isAddressSanitizerActive)) func childrenComputeWhileOthersDid() async {
      await #expect(processExitsWith: .success) {
        Workers.count = 2
        // What a child computes, the parent has once: OpenBLAS and the pool are set up.
        let expected = compute(0)
        let isOver = Atomic<Bool>(false)
        withoutActuallyEscaping({ (seed: Int) in
          while !isOver.load(ordering: .relaxed) { _ = compute(seed) }
        }) { work in
          nonisolated(unsafe) let work = work
          let threads = (1...3).map { seed in Thread { work(seed) } }
          for thread in threads { thread.start() }
          for round in 0..<200 {
            let child = fork()
            if child == 0 {
              alarm(20)
              _exit(compute(0) == expected ? 0 : 3)
            }
            var status: Int32 = 0
            waitpid(child, &status, 0)
            if status != 0 { fail("fork", "child \(round) of 200 ended with status \(status)") }
            usleep(UInt32(round % 7) * 100)
          }
          isOver.store(true, ordering: .relaxed)
          while threads.contains(where: { !$0.isFinished }) { usleep(1000) }
        }
      }
    }

    @Test(.disabled(if: isAddressSanitizerActive)) func aChildHasWorkersOfItsOwn() async {
      await #expect(processExitsWith: .success) {
        Workers.count = 3
        Workers.run(chunks: 100) { _ in }
        let child = fork()
        if child == 0 {
          alarm(20)
          let seen = Mutex<Set<UInt>>([])
          for _ in 0..<50 {
            Workers.run(chunks: 64) { _ in
              usleep(100)
              let thread: UInt = pthread_self()
              _ = seen.withLock { $0.insert(thread) }
            }
          }
          _exit(seen.withLock { $0.count } > 1 ? 0 : 4)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        if status != 0 { fail("fork", "the child ended with status \(status)") }
      }
    }
  }

  /// Blocks of the pool, a job of the workers and a product of matrices.
  private func compute(_ seed: Int) -> Float {
    let n = 160
    let bytes = n * n * MemoryLayout<Float>.stride
    let blocks = (0..<3).map { _ in MemoryPool.allocate(byteCount: bytes).bindMemory(to: Float.self, capacity: n * n) }
    defer { for block in blocks { MemoryPool.release(block, byteCount: bytes) } }
    Workers.run(count: n * n, grain: 512) { range in
      for i in range {
        let small = MemoryPool.allocate(byteCount: 64 * (1 + i % 40))
        (blocks[0][i], blocks[1][i]) = (Float((i + seed) % 7), Float(i % 5))
        MemoryPool.release(small, byteCount: 64 * (1 + i % 40))
      }
    }
    BLAS.gemm(
      .none, .none, m: n, n: n, k: n, alpha: 1, UnsafePointer(blocks[0]), lda: n, UnsafePointer(blocks[1]), ldb: n,
      beta: 0, blocks[2], ldc: n)
    return (0..<n * n).reduce(0) { $0 + blocks[2][$1] }
  }
#endif
