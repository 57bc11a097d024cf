using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.KernelTests.Programs.TestPrograms;

namespace Hornet.KernelTests.Programs;

public class ProgramInfoTests
{
    [KernelFact]
    public void The_kernel_tells_about_a_program()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.SocketFilter));
        var info = program.GetInfo();
        Assert.NotEqual(0u, info.Id);
        Assert.Equal(ProgramType.SocketFilter, info.Type);
        Assert.Equal("hornet_test", info.Name);
        Assert.Equal(16, info.Tag.Length);
        Assert.Equal(16u, info.TranslatedSize);
        Assert.Equal(0u, info.CreatedByUid);
        Assert.True(info.IsGplCompatible);
        Assert.Empty(info.MapIds);
        Assert.InRange(info.LoadTime, DateTimeOffset.Now.AddMinutes(-1), DateTimeOffset.Now.AddSeconds(5));
        Assert.InRange(info.MemoryBytes, 1u, 1u << 20);
        Assert.Equal(1u, info.FunctionCount);
        if (KernelVersion.Running >= new KernelVersion(5, 16)) Assert.Equal(2u, info.VerifiedInstructions);
    }

    [KernelFact]
    public void A_program_is_found_by_its_number_and_is_gone_when_closed()
    {
        uint id;
        using (var program = BpfProgram.Load(Returning(ProgramType.Xdp)))
        {
            id = program.GetInfo().Id;
            Assert.Contains(id, BpfProgram.ListIds());
            using var again = BpfProgram.OpenById(id);
            Assert.Equal("hornet_test", again.Name);
            Assert.Equal(ProgramType.Xdp, again.Type);
        }
        // The kernel frees it after a grace period.
        Assert.True(TestThread.Eventually(() => BpfProgram.TryOpenById(id) is null));
        var e = Assert.Throws<BpfSyscallException>(() => BpfProgram.OpenById(id));
        Assert.Equal(Errno.ENOENT, e.Errno);
    }

    [KernelFact]
    public void Programs_can_be_enumerated_while_others_come_and_go()
    {
        using CancellationTokenSource stop = new();
        Thread churn = new(() =>
        {
            while (!stop.IsCancellationRequested) BpfProgram.Load(Returning(ProgramType.SocketFilter)).Dispose();
        });
        churn.Start();
        try
        {
            using var fixedOne = BpfProgram.Load(Returning(ProgramType.SocketFilter));
            uint id = fixedOne.GetInfo().Id;
            for (int i = 0; i < 50; i++)
            {
                bool found = false;
                foreach (var program in BpfProgram.OpenAll())
                {
                    using (program) found |= program.GetInfo().Id == id;
                }
                Assert.True(found);
            }
        }
        finally
        {
            stop.Cancel();
            churn.Join();
        }
    }

    [KernelFact(Needs.BpfStatistics)]
    public void Runs_and_time_are_counted_while_statistics_are_on()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.SocketFilter));
        _ = program.TestRun(new byte[64], repeat: 100);
        using (BpfStatistics.Enable()) _ = program.TestRun(new byte[64], repeat: 1000);
        var info = program.GetInfo();
        // Others may have had statistics on during the first run.
        Assert.True(info.RunCount is 1000 or 1100, $"{info.RunCount} runs");
        Assert.True(info.RunTimeNanoseconds > 0);
    }

    [KernelFact]
    public void A_bound_map_belongs_to_the_program()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.SocketFilter));
        using var map = BpfMap.Create(new MapSpec { Name = "bound", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        program.BindMap(map);
        Assert.Equal([map.Id], program.GetInfo().MapIds);
    }

    [KernelFact]
    public void A_pinned_program_is_opened_by_its_path_and_a_map_is_not_taken_for_one()
    {
        using TestPins pins = new();
        string path = pins["program"];
        using var program = BpfProgram.Load(Returning(ProgramType.Xdp));
        program.Pin(path);
        using (var again = BpfProgram.OpenPinned(path)) Assert.Equal(program.GetInfo().Id, again.GetInfo().Id);
        var taken = Assert.Throws<BpfSyscallException>(() => program.Pin(path));
        Assert.Equal(Errno.EEXIST, taken.Errno);

        using var map = BpfMap.Create(new MapSpec { Name = "m", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        map.Pin(pins["map"]);
        var e = Assert.Throws<BpfSyscallException>(() => BpfProgram.OpenPinned(pins["map"]));
        Assert.Contains("is no program but a map", e.Message);
        Assert.Equal(Errno.ENOENT, Assert.Throws<BpfSyscallException>(() => BpfProgram.OpenPinned(pins["nothing"])).Errno);
    }

    [KernelFact]
    public void The_streams_of_a_program_are_empty_or_not_there_yet()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.SocketFilter));
        if (KernelVersion.Running >= new KernelVersion(6, 17))
        {
            Assert.Equal("", program.ReadStream(ProgramStream.Output));
            Assert.Equal("", program.ReadStream(ProgramStream.Error));
        }
        else
        {
            var e = Assert.Throws<BpfNotSupportedException>(() => program.ReadStream(ProgramStream.Output));
            Assert.Equal(new Version(6, 17), e.MinimumVersion);
        }
    }
}
