using System.Runtime.CompilerServices;
using Hornet.KernelTypes;
using Hornet.Maps;
using Hornet.Packets;
using Hornet.Vm;

namespace Hornet.Tests.Machine;

// sample: firewall
public sealed class Firewall
{
    public BpfHashMap<IPv4Address, ulong> Blocked { get; } = BpfHashMap<IPv4Address, ulong>.Create("blocked", 1024);

    public XdpAction Filter(XdpContext packet)
    {
        if (!packet.TryReadIPv4(out var ip, out _)) return XdpAction.Pass;
        ref ulong hits = ref Blocked.Find(ip.Source);
        if (Unsafe.IsNullRef(ref hits)) return XdpAction.Pass;
        Interlocked.Increment(ref hits);
        return XdpAction.Drop;
    }
}
// end

/// <summary>The samples of docs/vm.md, word for word.</summary>
public class VmSessionSamples
{
    // sample: firewall test
    [Theory]
    [InlineData(7, XdpAction.Drop, 1)]
    [InlineData(8, XdpAction.Pass, 0)]
    public void Packets_of_blocked_senders_are_dropped_and_counted(byte host, XdpAction expected, ulong hits)
    {
        using VmSession vm = new();
        Firewall firewall = new();
        firewall.Blocked[new(10, 0, 0, 7)] = 0;
        var program = vm.LoadXdp(firewall.Filter);

        // An Ethernet header, then IPv4: its version and length first, the sender at 12.
        var packet = new byte[60];
        (packet[12], packet[14], packet[26], packet[29]) = (8, 0x45, 10, host);
        var result = program.Run(VmContext.Xdp(packet)).EnsureSucceeded();

        Assert.Equal(expected, (XdpAction)result.ReturnCode);
        Assert.Equal(hits, firewall.Blocked[new(10, 0, 0, 7)]);
    }
    // end

    // sample: tracepoint test
    [TracepointRecord("syscalls:sys_enter_openat")]
    public readonly record struct Opened(int Dfd, UserString Filename, int Flags);

    private struct Row
    {
        public int Process, Flags;
        public TaskName Name;
    }

    [Fact]
    public void Opens_for_writing_are_reported_with_the_name()
    {
        using VmSession vm = new(new VmOptions { Process = new VmProcess { ProcessId = 42 } });
        using var rows = BpfRingBuffer<Row>.Create("rows");
        var program = vm.LoadTracepoint((in Opened e) =>
        {
            if ((e.Flags & 3) == 0 || !rows.TryReserve(out var row)) return;
            row.Value = default;
            row.Value.Process = (int)Bpf.Tgid;
            row.Value.Flags = e.Flags;
            e.Filename.CopyTo(row.Value.Name);
            row.Submit();
        });

        ulong name = vm.Machine.AddMemory("the name", "/tmp/x\0"u8).Address;
        program.Run(VmSession.Record(new Opened(-100, new UserString(name), 0))).EnsureSucceeded();
        program.Run(VmSession.Record(new Opened(-100, new UserString(name), 1))).EnsureSucceeded();

        var one = Assert.Single(vm.Take(rows));
        Assert.Equal((42, 1, "/tmp/x"), (one.Process, one.Flags, one.Name.ToString()));
    }
    // end
}
