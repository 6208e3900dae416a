import Testing

@testable import TernDistributed

@Suite("How a job was started")
struct LaunchTests {
  @Test("Nothing that a launcher says is a process alone")
  func alone() throws {
    #expect(LaunchEnvironment(["PATH": "/bin"]) == nil)
    let slurm = try #require(LaunchEnvironment(["SLURM_NTASKS": "1", "SLURM_PROCID": "0"]))
    #expect(!slurm.asksForMPI)
    #expect(slurm.complaint(seen: 1, library: nil) == nil)
  }

  @Test("Copies that do not see each other get one line")
  func copies() throws {
    let open = try #require(LaunchEnvironment(["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"]))
    #expect(open.rank == 2 && open.ranks == 4 && open.asksForMPI)
    #expect(open.complaint(seen: 4, library: "Open MPI 4.1.4") == nil)
    #expect(
      open.complaint(seen: 1, library: "MPICH 4.0.2")
        == "OMPI_COMM_WORLD_SIZE says 4 ranks, but MPICH 4.0.2 sees 1, and each copy would run alone and write over the "
        + "others' files: start it with the mpirun of MPICH 4.0.2")
    let lone = try #require(LaunchEnvironment(["PMI_SIZE": "2", "PMI_RANK": "0"])).complaint(seen: 1, library: nil)
    #expect(lone?.hasSuffix("build it with --traits MPI") == true)
    let slurm = try #require(LaunchEnvironment(["SLURM_NTASKS": "3"]))
    #expect(slurm.complaint(seen: 1, library: "Open MPI 4.1.4")?.contains("start it with srun") == true)
  }

  private static func place(_ host: Int, _ processors: Range<Int>, of all: Int, quota: Int = 64) -> JobLayout.Place {
    JobLayout.Place(
      host: "node\(host)", firstOnHost: host, processors: Set(processors), hostProcessors: all, quota: quota, asked: nil
    )
  }

  @Test("Ranks share the processors of a host")
  func threads() {
    let shared = JobLayout([
      Self.place(0, 0..<16, of: 16), Self.place(0, 0..<16, of: 16), Self.place(2, 0..<16, of: 16),
    ])
    #expect(shared.threads == [8, 8, 16])
    #expect("\(shared)" == "3 ranks on 2 hosts (node0: 0–1; node2: 2), 8, 8, 16 threads by rank")
    let bound = JobLayout([Self.place(0, 0..<8, of: 16), Self.place(0, 8..<16, of: 16)])
    #expect(bound.threads == [8, 8] && bound.warning == nil)
    #expect("\(bound)" == "2 ranks on 1 host (node0: 0–1), 8 threads each")
    let limited = JobLayout([Self.place(0, 0..<64, of: 64, quota: 6), Self.place(0, 0..<64, of: 64, quota: 6)])
    #expect(limited.threads == [3, 3])
    let many = JobLayout((0..<4).map { _ in Self.place(0, 0..<2, of: 2) })
    #expect(many.threads == [1, 1, 1, 1] && many.warning == nil)
  }

  @Test("One processor a rank where there are more is warned of")
  func binding() {
    let bound = JobLayout([Self.place(0, 0..<1, of: 16), Self.place(0, 1..<2, of: 16)])
    #expect(
      bound.warning
        == "each rank is bound to one of the 16 processors of node0: mpirun --map-by slot:PE=8 gives each 8")
    var asked = Self.place(0, 0..<1, of: 16)
    asked.asked = 1
    #expect(JobLayout([asked]).warning == nil)
  }

  @Test("A place is the same on the other side")
  func encoding() {
    let place = JobLayout.Place(
      host: "näme", firstOnHost: 300, processors: [0, 7, 8, 4095], hostProcessors: 4096, quota: 12, asked: 3)
    #expect(JobLayout.Place(encoded: place.encoded) == place)
  }
}
