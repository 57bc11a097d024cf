using Hornet.Compiler.Diagnostics;
using Hornet.KernelTests.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Maps of kernel objects used by C# kernel code: maps of maps, programs, interfaces, CPUs, control groups, stacks.</summary>
public class MapsReferenceTests
{
    private const string GetSid = "syscalls:sys_enter_getsid";

    [KernelFact]
    public void A_map_in_an_array_of_maps_is_worked_on()
    {
        using var first = BpfHashMap<uint, ulong>.Create("first", 8);
        using var second = BpfHashMap<uint, ulong>.Create("second", 8);
        using var maps = BpfArrayOfMaps.Create("maps", 3, first);
        using var seen = BpfArray<uint>.Create("seen", 4);
        maps.Set(0, first);
        maps.Set(1, second);
        MapsRun.Once(() =>
        {
            for (uint i = 0; i < 4; i++)
            {
                if (!maps.TryGetMap(i, out BpfHashMap<uint, ulong> map))
                {
                    seen[0]++;
                    continue;
                }
                map[i] = 10 + i;
                map[i]++;
                map[9]++;
                if (map.TryGetValue(9, out ulong value)) seen[1] += (uint)value;
                map.GetOrAdd(20) += i;
                map.Remove(9);
            }
        });
        Assert.Equal([2u, 2], seen.ToArray()[..2]);
        Assert.Equal([(0u, 11ul), (20u, 0ul)], first.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal([(1u, 12ul), (20u, 1ul)], second.Select(pair => (pair.Key, pair.Value)).Order());
    }

    [KernelFact]
    public void A_map_in_a_hash_of_maps_is_worked_on()
    {
        using var counts = BpfArray<ulong>.Create("counts", 4);
        using var maps = BpfHashOfMaps<ulong>.Create("maps", 4, counts);
        maps.Set(77, counts);
        MapsRun.Times(3, () =>
        {
            if (maps.TryGetMap(77, out BpfArray<ulong> found)) found[2] += 5;
            if (maps.TryGetMap(78, out BpfArray<ulong> missing)) missing[3] = 1;
        });
        Assert.Equal([0ul, 0, 15, 0], counts.ToArray());
    }

    [KernelFact]
    public void A_map_that_was_not_tested_is_refused_at_its_line()
    {
        using var counts = BpfArray<ulong>.Create("counts", 4);
        using var maps = BpfArrayOfMaps.Create("maps", 4, counts);
        var error = Assert.Throws<CompilationException>(() => MapsRun.Once(() =>
        {
            maps.TryGetMap(0, out BpfArray<ulong> found);
            found[2] += 5;
        }));
        Assert.Contains(error.Diagnostics, finding => finding.Id == "HRN3002" && finding.Location!.File.EndsWith("MapsReferenceTests.cs", StringComparison.Ordinal));
    }

    [KernelFact]
    public void A_map_of_another_kind_is_refused()
    {
        using var counts = BpfArray<ulong>.Create("counts", 4);
        using var maps = BpfArrayOfMaps.Create("maps", 4, counts);
        var error = Assert.Throws<CompilationException>(() => MapsRun.Once(() =>
        {
            if (maps.TryGetMap(0, out BpfHashMap<uint, ulong> hash)) hash[1]++;
            if (maps.TryGetMap(0, out BpfArray<uint> array)) array[1]++;
        }));
        Assert.Equal(["HRN2112", "HRN2112"], error.Diagnostics.Select(finding => finding.Id));
    }

    [KernelFact]
    public void A_tail_call_goes_on_in_the_other_program_and_falls_through_an_empty_slot()
    {
        using var programs = BpfProgramArray.Create("programs", 3);
        using BpfSession session = new();
        using var other = session.LoadXdp(ctx => ctx.Data.Length > 60 ? XdpAction.Drop : XdpAction.Transmit, "other");
        programs.Set(1, other.Descriptor);
        uint slot = 1;
        using var full = session.LoadXdp(ctx =>
        {
            programs.TailCall(ctx, slot);
            return XdpAction.Pass;
        });
        using var empty = session.LoadXdp(_ =>
        {
            programs.TailCall(2);
            return XdpAction.Pass;
        });
        Assert.Equal((uint)XdpAction.Drop, full.TestRun(new byte[64]).ReturnValue);
        Assert.Equal((uint)XdpAction.Transmit, full.TestRun(new byte[60]).ReturnValue);
        Assert.Equal((uint)XdpAction.Pass, empty.TestRun(new byte[64]).ReturnValue);
        programs.Remove(1);
        Assert.Equal((uint)XdpAction.Pass, full.TestRun(new byte[64]).ReturnValue);
    }

    [KernelFact(MinKernel = "5.4")]
    public void Packets_are_redirected_to_what_is_in_a_map()
    {
        using var devices = BpfDevMap.Create("devices", 4);
        using var named = BpfDevMapHash.Create("named", 4);
        using var cpus = BpfCpuMap.Create("cpus", 4);
        devices.Set(1, 1);
        named.Set(500, 1);
        cpus.Set(0, 64);
        using BpfSession session = new();
        uint key = 0;
        uint Run(Func<XdpContext, XdpAction> kernel)
        {
            using var program = session.LoadXdp(kernel);
            return program.TestRun(new byte[64]).ReturnValue;
        }

        Assert.Equal((uint)XdpAction.Redirect, Run(_ => devices.Redirect(1)));
        Assert.Equal((uint)XdpAction.Drop, Run(_ => devices.Redirect(2, XdpAction.Drop)));
        Assert.Equal((uint)XdpAction.Redirect, Run(_ => named.Redirect(500)));
        Assert.Equal((uint)XdpAction.Pass, Run(_ => named.Redirect(501, XdpAction.Pass)));
        Assert.Equal((uint)XdpAction.Redirect, Run(_ => cpus.Redirect(key)));
        Assert.Equal((uint)XdpAction.Aborted, Run(_ => cpus.Redirect(3)));
        Assert.Equal((uint)XdpAction.Drop, Run(_ => devices.Contains(1) && !devices.Contains(2) && named.Contains(500) && !named.Contains(3) ? XdpAction.Drop : XdpAction.Pass));
    }

    [KernelFact]
    public void A_packet_without_its_af_xdp_socket_takes_the_other_way()
    {
        using var sockets = BpfXskMap.Create("sockets", 4);
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx => sockets.Redirect(ctx.QueueIndex, XdpAction.Pass));
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(new byte[64]).ReturnValue);
    }

    [KernelFact(Needs.Cgroup2)]
    public void The_current_task_is_in_a_control_group()
    {
        using TestCgroup inside = new(), outside = new();
        using var groups = BpfCgroupArray.Create("groups", 2);
        groups.Set(0, inside.Path);
        groups.Set(1, outside.Path);
        using var seen = BpfArray<ulong>.Create("seen", 2);
        using BpfSession session = new();
        session.AttachTracepoint(GetSid, () =>
        {
            if (groups.ContainsCurrentTask(0)) seen[0]++;
            if (groups.ContainsCurrentTask(1)) seen[1]++;
        });
        inside.Run(() => Provoke.GetSid(3));
        Assert.Equal([3ul, 0], seen.ToArray());
    }

    [KernelFact]
    public void The_stack_is_kept()
    {
        // Three stacks, and places enough that no two of them want the same one (which is refused with EEXIST).
        using var stacks = BpfStackTraceMap.Create("stacks", 1 << 17, depth: 64);
        using var seen = BpfArray<int>.Create("seen", 4);
        using BpfSession session = new();
        uint me = (uint)Environment.ProcessId;
        // Not syscalls:sys_enter_getsid, whose programs old kernels give no kernel stack.
        session.AttachTracepoint("raw_syscalls:sys_enter", (long id) =>
        {
            if (Bpf.Tgid != me || id != Provoke.GetSidNumber) return;
            seen[0] = stacks.Capture(StackFlags.User);
            seen[1] = stacks.Capture();
            seen[2] = stacks.Capture(skip: 1);
        });
        Provoke.GetSid(1);
        var frames = new ulong[stacks.Depth];
        Assert.True(stacks.TryGetStack(seen[0], frames, out int user), $"user stack: {seen[0]}");
        Assert.InRange(frames[0], 1ul, 1ul << 47);
        Assert.True(stacks.TryGetStack(seen[1], frames, out int kernel), $"kernel stack: {seen[1]}");
        Assert.InRange(frames[0], 1ul << 63, ulong.MaxValue);
        ulong second = frames[1];
        Assert.True(stacks.TryGetStack(seen[2], frames, out int skipped));
        Assert.Equal((second, kernel - 1), (frames[0], skipped));
        Assert.True(user > 0);
    }
}
