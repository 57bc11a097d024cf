using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Hornet.Maps;

namespace Hornet.Bench.Code;

/// <summary>The programs of bench/code/programs.bpf.c, written as a C# programmer does.</summary>
internal sealed class Kernels : IDisposable
{
    private readonly BpfArray<ulong> _slots = BpfArray<ulong>.Create("slots", 256);
    private readonly BpfPerCpuArray<ulong> _percpu = BpfPerCpuArray<ulong>.Create("percpu", 256);
    private readonly BpfHashMap<uint, ulong> _sources = BpfHashMap<uint, ulong>.Create("sources", 1024);
    private readonly BpfHashMap<Flow, ulong> _flows = BpfHashMap<Flow, ulong>.Create("flows", 1024);
    private readonly BpfHashMap<uint, Bucket> _buckets = BpfHashMap<uint, Bucket>.Create("buckets", 1024);

    private const ushort IPv4 = 0x0008;

    private readonly record struct Flow(uint Source, uint Destination, ushort SourcePort, ushort DestinationPort, uint Protocol);

    private struct Bucket
    {
        public ulong Tokens, Last;
    }

    private struct IPv4Header
    {
        public byte Version, Service;
        public ushort Length, Id, Fragment;
        public byte Ttl, Protocol;
        public ushort Checksum;
        public uint Source, Destination;
    }

    public void Dispose()
    {
        foreach (IDisposable map in (IDisposable[])[_slots, _percpu, _sources, _flows, _buckets]) map.Dispose();
    }

    private static bool IsIPv4(XdpContext ctx) => ctx.Data.Length >= 34 && Unsafe.ReadUnaligned<ushort>(ref ctx.Data[12]) == IPv4;

    private static (string Name, Func<XdpContext, XdpAction> Kernel) Named(string name, Func<XdpContext, XdpAction> kernel) => (name, kernel);

    /// <summary>Each by the name of its C function.</summary>
    public IEnumerable<(string Name, Func<XdpContext, XdpAction> Kernel)> All()
    {
        yield return Named("pass", ctx => XdpAction.Pass);
        yield return Named("shorter", ctx => ctx.Data.Length < 60 ? XdpAction.Drop : XdpAction.Pass);
        yield return Named("ethertype", ctx => ctx.TryRead<ushort>(12, out ushort type) && type == IPv4 ? XdpAction.Pass : XdpAction.Drop);
        yield return Named("protocol", ctx =>
        {
            if (!ctx.TryRead<ushort>(12, out ushort type) || type != IPv4 || !ctx.TryRead<byte>(23, out byte protocol)) return XdpAction.Pass;
            return protocol is 17 or 6 ? XdpAction.Pass : XdpAction.Drop;
        });
        yield return Named("udp_port", ctx =>
        {
            if (ctx.Data.Length < 34 || BinaryPrimitives.ReadUInt16BigEndian(ctx.Data[12..]) != 0x0800 || ctx.Data[23] != 17) return XdpAction.Pass;
            int header = (ctx.Data[14] & 15) * 4;
            return BinaryPrimitives.ReadUInt16BigEndian(ctx.Data[(14 + header + 2)..]) == 31337 ? XdpAction.Drop : XdpAction.Pass;
        });
        yield return Named("tcp_flags", ctx =>
        {
            if (ctx.Data.Length < 54 || BinaryPrimitives.ReadUInt16BigEndian(ctx.Data[12..]) != 0x0800 || ctx.Data[23] != 6) return XdpAction.Pass;
            byte flags = ctx.Data[47];
            return (flags & 2) != 0 && (flags & 16) == 0 ? XdpAction.Drop : XdpAction.Pass;
        });
        yield return Named("cidr", ctx =>
        {
            if (!IsIPv4(ctx)) return XdpAction.Pass;
            uint source = BinaryPrimitives.ReadUInt32BigEndian(ctx.Data[26..]);
            return (source & 0xff000000) == 0x0a000000 || (source & 0xfff00000) == 0xac100000 || (source & 0xffff0000) == 0xc0a80000 ? XdpAction.Drop : XdpAction.Pass;
        });
        yield return Named("port_switch", ctx => !ctx.TryRead<ushort>(36, out ushort port) ? XdpAction.Drop : BinaryPrimitives.ReverseEndianness(port) switch
        {
            22 or 80 or 443 or 8080 => XdpAction.Pass,
            53 or 123 => XdpAction.Transmit,
            31337 or 4444 => XdpAction.Aborted,
            _ => XdpAction.Drop,
        });
        yield return Named("swap_addresses", ctx =>
        {
            if (ctx.Data.Length < 14) return XdpAction.Drop;
            for (int i = 0; i < 6; i++) (ctx.Data[i], ctx.Data[i + 6]) = (ctx.Data[i + 6], ctx.Data[i]);
            return XdpAction.Transmit;
        });
        yield return Named("ttl", ctx =>
        {
            if (!IsIPv4(ctx)) return XdpAction.Drop;
            ref var ip = ref Unsafe.As<byte, IPv4Header>(ref ctx.Data[14]);
            if (ctx.Data.Length < 34 || ip.Ttl <= 1) return XdpAction.Drop;
            ip.Ttl--;
            uint sum = (uint)ip.Checksum + 1;
            ip.Checksum = (ushort)(sum + (sum >> 16));
            return XdpAction.Transmit;
        });
        yield return Named("ip_checksum", ctx =>
        {
            if (!IsIPv4(ctx)) return XdpAction.Drop;
            uint sum = 0;
            for (int i = 0; i < 10; i++) sum += Unsafe.ReadUnaligned<ushort>(ref ctx.Data[14 + i * 2]);
            sum = (sum & 0xffff) + (sum >> 16);
            sum = (sum & 0xffff) + (sum >> 16);
            return (ushort)~sum == 0 ? XdpAction.Pass : XdpAction.Drop;
        });
        yield return Named("count_protocol", ctx =>
        {
            if (!IsIPv4(ctx)) return XdpAction.Pass;
            _slots[ctx.Data[23]]++;
            return XdpAction.Pass;
        });
        yield return Named("count_percpu", ctx =>
        {
            ref ulong bytes = ref _percpu.Find(3);
            if (!Unsafe.IsNullRef(ref bytes)) bytes += (ulong)ctx.Data.Length;
            return XdpAction.Pass;
        });
        yield return Named("count_source", ctx =>
        {
            if (!IsIPv4(ctx)) return XdpAction.Pass;
            _sources[Unsafe.ReadUnaligned<uint>(ref ctx.Data[26])]++;
            return XdpAction.Pass;
        });
        yield return Named("count_flow", ctx =>
        {
            if (!IsIPv4(ctx) || ctx.Data.Length < 38) return XdpAction.Pass;
            _flows[new Flow(Unsafe.ReadUnaligned<uint>(ref ctx.Data[26]), Unsafe.ReadUnaligned<uint>(ref ctx.Data[30]), Unsafe.ReadUnaligned<ushort>(ref ctx.Data[34]), Unsafe.ReadUnaligned<ushort>(ref ctx.Data[36]), ctx.Data[23])]++;
            return XdpAction.Pass;
        });
        yield return Named("blocked", ctx =>
        {
            if (!IsIPv4(ctx)) return XdpAction.Pass;
            return _sources.TryGetValue(Unsafe.ReadUnaligned<uint>(ref ctx.Data[30]), out ulong until) && until > 0 ? XdpAction.Drop : XdpAction.Pass;
        });
        yield return Named("histogram_log2", ctx =>
        {
            _slots[(uint)BitOperations.Log2((ulong)ctx.Data.Length)]++;
            return XdpAction.Pass;
        });
        yield return Named("histogram_linear", ctx =>
        {
            _slots[Math.Min((uint)ctx.Data.Length / 100, 15)]++;
            return XdpAction.Pass;
        });
        yield return Named("token_bucket", ctx =>
        {
            if (!ctx.TryRead<uint>(26, out uint key) || !ctx.TryRead<ulong>(42, out ulong now)) return XdpAction.Pass;
            ref var bucket = ref _buckets.Find(key);
            if (Unsafe.IsNullRef(ref bucket))
            {
                _buckets.Set(key, new Bucket { Tokens = 100, Last = now });
                return XdpAction.Pass;
            }
            ulong tokens = Math.Min(bucket.Tokens + (now - bucket.Last) / 1000, 100);
            bucket.Last = now;
            if (tokens == 0)
            {
                bucket.Tokens = 0;
                return XdpAction.Drop;
            }
            bucket.Tokens = tokens - 1;
            return XdpAction.Pass;
        });
        yield return Named("byte_sum", ctx =>
        {
            if (ctx.Data.Length < 128) return XdpAction.Aborted;
            uint sum = 0;
            for (int i = 0; i < 128; i++) sum += ctx.Data[i];
            return (XdpAction)sum;
        });
        yield return Named("fnv", ctx =>
        {
            if (ctx.Data.Length < 128) return XdpAction.Aborted;
            uint hash = 2166136261;
            for (int i = 0; i < 128; i++) hash = (hash ^ ctx.Data[i]) * 16777619;
            return (XdpAction)hash;
        });
        yield return Named("find_zero", ctx =>
        {
            if (ctx.Data.Length < 128) return XdpAction.Aborted;
            for (int i = 64; i < 128; i++)
            {
                if (ctx.Data[i] == 0) return (XdpAction)i;
            }
            return (XdpAction)128;
        });
        yield return Named("http_method", ctx =>
        {
            if (!ctx.TryRead<uint>(54, out uint method)) return XdpAction.Pass;
            return method switch { 0x20544547 => (XdpAction)5, 0x54534f50 => (XdpAction)6, 0x44414548 => (XdpAction)7, _ => XdpAction.Pass };
        });
        yield return Named("lower_case", ctx =>
        {
            if (ctx.Data.Length < 96) return XdpAction.Aborted;
            uint letters = 0;
            for (int i = 64; i < 96; i++)
            {
                ref byte c = ref ctx.Data[i];
                if (c is >= (byte)'A' and <= (byte)'Z')
                {
                    c |= 0x20;
                    letters++;
                }
            }
            return (XdpAction)letters;
        });
        yield return Named("parse_number", ctx =>
        {
            if (ctx.Data.Length < 74) return XdpAction.Aborted;
            uint value = 0;
            for (int i = 64; i < 74; i++)
            {
                uint digit = (uint)ctx.Data[i] - '0';
                if (digit > 9) break;
                value = value * 10 + digit;
            }
            return (XdpAction)value;
        });
        yield return Named("jenkins", ctx =>
        {
            if (!ctx.TryRead<uint>(26, out uint a) || !ctx.TryRead<uint>(30, out uint b) || !ctx.TryRead<uint>(34, out uint c)) return XdpAction.Aborted;
            a += 0xdeadbeef; b += 0xdeadbeef; c += 0xdeadbeef;
            c ^= b; c -= BitOperations.RotateLeft(b, 14);
            a ^= c; a -= BitOperations.RotateLeft(c, 11);
            b ^= a; b -= BitOperations.RotateLeft(a, 25);
            c ^= b; c -= BitOperations.RotateLeft(b, 16);
            a ^= c; a -= BitOperations.RotateLeft(c, 4);
            b ^= a; b -= BitOperations.RotateLeft(a, 14);
            c ^= b; c -= BitOperations.RotateLeft(b, 24);
            return (XdpAction)c;
        });
        yield return Named("vlan", ctx =>
        {
            if (!ctx.TryRead<ushort>(12, out ushort type)) return XdpAction.Drop;
            if (type is 0x0081 or 0xa888)
            {
                if (!ctx.TryRead(16, out type)) return XdpAction.Drop;
                if (type == 0x0081 && !ctx.TryRead(20, out type)) return XdpAction.Drop;
            }
            return type == IPv4 ? XdpAction.Pass : XdpAction.Drop;
        });
        yield return Named("popcount", ctx => ctx.TryRead<ulong>(26, out ulong bits) ? (XdpAction)BitOperations.PopCount(bits) : XdpAction.Aborted);
        yield return Named("primes", ctx =>
        {
            uint found = 0;
            for (uint n = 3; n < 60; n += 2)
            {
                uint prime = 1;
                for (uint d = 3; d * d <= n; d += 2)
                {
                    if (n % d == 0)
                    {
                        prime = 0;
                        break;
                    }
                }
                found += prime;
            }
            return (XdpAction)found;
        });
        yield return Named("hex", ctx =>
        {
            if (ctx.Data.Length < 112) return XdpAction.Aborted;
            for (int i = 0; i < 16; i++)
            {
                int b = ctx.Data[26 + i], high = b >> 4, low = b & 15;
                ctx.Data[64 + i * 2] = (byte)(high < 10 ? '0' + high : 'a' - 10 + high);
                ctx.Data[65 + i * 2] = (byte)(low < 10 ? '0' + low : 'a' - 10 + low);
            }
            return XdpAction.Pass;
        });
    }
}
