using System.Net;
using System.Net.Sockets;

namespace Hornet.KernelTests.Script;

/// <summary>Scripts that decide: what they drop or refuse does not arrive, all else does. Each in a namespace or group of its own.</summary>
public sealed class ScriptVerdictTests : IDisposable
{
    private const int Dropped = 7001, Passed = 7002;
    private readonly string _folder = Directory.CreateTempSubdirectory("hornet-verdict-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [KernelTheory(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.NetworkNamespaces, Needs.XdpLink)]
    [InlineData("XDP_DROP")]
    [InlineData("1")]
    public void Xdp_drops_packets(string verdict) =>
        AssertDropped($"xdp:lo {{ $u = (struct udphdr *)(args.data + 34); if (bswap($u->dest) == {Dropped}) {{ @dropped = count(); return {verdict}; }} @bytes[args.data_end - args.data] = count(); }}",
            "@bytes[44]: 1\n@dropped: 1");

    [KernelTheory(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.NetworkNamespaces)]
    [InlineData("ingress")]
    [InlineData("egress")]
    public void The_traffic_control_drops_packets(string direction) =>
        AssertDropped($"tc:lo:{direction} {{ $u = (struct udphdr *)(args.data + 34); if (bswap($u->dest) == {Dropped}) {{ @dropped = count(); return TC_ACT_SHOT; }} @bytes[args.len] = count(); }}",
            "@bytes[44]: 1\n@dropped: 1");

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.NetworkNamespaces, Needs.CgroupLink)]
    public void A_group_refuses_packets()
    {
        using TestCgroup group = new();
        AssertDropped($"cgroup:{group.Path}:egress {{ @[args.len] = count(); if (@sent++ == 0) {{ return 0; }} }}", "@[30]: 2\n@sent: 2", group);
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.NetworkNamespaces, Needs.CgroupLink)]
    public void A_group_refuses_connections_by_a_truth()
    {
        using TestCgroup group = new();
        AssertDropped($"cgroup:{group.Path}:connect4 {{ @[ntop(args.user_ip4), bswap((uint16)args.user_port)] = count(); return bswap((uint16)args.user_port) != {Dropped}; }}",
            $"@[127.0.0.1, {Dropped}]: 1\n@[127.0.0.1, {Passed}]: 1", group);
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.Lsm)]
    public void A_security_hook_refuses()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "content\n");
        var (output, errors, status) = Run($"/bin/cat {file} 2> /dev/null && echo read\n/bin/head -1 {file}\n", "lsm:file_open /comm == \"cat\" && ppid == cpid/ { @refused = 1; return -1; }");
        Assert.True(status == 0, errors);
        Assert.Equal("content\n\n\n@refused: 1", output.TrimEnd());
    }

    private void AssertDropped(string script, string maps, TestCgroup? group = null)
    {
        using TestNamespace place = new();
        place.Run(() =>
        {
            using UdpClient dropped = new(new IPEndPoint(IPAddress.Loopback, Dropped)), passed = new(new IPEndPoint(IPAddress.Loopback, Passed));
            string join = group is null ? "" : $"echo $$ > {group.Path}/cgroup.procs\n";
            var (output, errors, status) = Run($"{join}echo x > /dev/udp/127.0.0.1/{Dropped}\necho y > /dev/udp/127.0.0.1/{Passed}\n", script);
            Assert.True(status == 0, errors);
            Assert.Equal(maps, output.Trim());
            Assert.Equal((0, 2), (dropped.Available, passed.Available));
        });
    }

    // The child is in the caller's namespace; what it says about what it was refused is of no interest.
    private (string Output, string Errors, int Status) Run(string commands, string script)
    {
        string file = Path.Combine(_folder, "commands");
        File.WriteAllText(file, "exec 2> /dev/null\n" + commands);
        return ScriptRunner.Run("-q", "-c", $"/bin/bash {file}", "-e", script);
    }
}
