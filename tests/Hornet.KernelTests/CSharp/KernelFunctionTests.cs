using Hornet.Btf;
using Hornet.Compiler.Diagnostics;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.KernelTests.Links;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>The kernel's functions as members: tasks, control groups, sets of CPUs, sections, iterators, texts, connections.</summary>
public class KernelFunctionTests
{
    private struct Numbers
    {
        public long A, B, C, D;
    }

    private static string[] Refused(Action load) => [.. Assert.Throws<CompilationException>(load).Diagnostics.Select(diagnostic => $"{diagnostic.Id} {diagnostic.Message}")];

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void Tasks_are_found_looked_at_and_given_back()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            var task = BpfTask.FromPid((int)numbers.A);
            if (task is null) return -3;
            numbers.B = task.Tgid;
            var again = task.Acquire();
            if (again is not null)
            {
                numbers.C = again.Pid;
                again.Release();
            }
            task.Release();
            return 0;
        });
        Numbers numbers = new() { A = Provoke.ThreadId };
        Assert.Equal(0, program.Run(ref numbers));
        Assert.Equal((Environment.ProcessId, Provoke.ThreadId), (numbers.B, numbers.C));
        numbers.A = int.MaxValue;
        Assert.Equal(-3, program.Run(ref numbers));
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void A_reference_must_be_tested_given_back_and_not_used_afterwards()
    {
        using BpfSession session = new();
        Assert.StartsWith("HRN3016 the task_struct that bpf_task_from_pid gave is not given back when the function ends", Assert.Single(Refused(() => session.LoadSyscall((ref Numbers numbers) =>
        {
            var task = BpfTask.FromPid(1);
            if (task is null) return 1;
            if (numbers.A > 5) return 2;
            task.Release();
            return 0;
        }))), StringComparison.Ordinal);
        Assert.Equal("HRN3017 the task_struct that bpf_task_from_pid gave is used after it was given back", Assert.Single(Refused(() => session.LoadSyscall((ref Numbers numbers) =>
        {
            var task = BpfTask.FromPid(1);
            if (task is null) return 1;
            task.Release();
            numbers.B = task.Tgid;
            return 0;
        }))));
        Assert.Contains("HRN3002 the result of bpf_task_from_pid is followed without a test for null", Refused(() => session.LoadSyscall((ref Numbers numbers) =>
        {
            var task = BpfTask.FromPid(1)!;
            numbers.B = task.Tgid;
            if (task is not null) task.Release();
            return 0;
        })));
        Assert.Contains("HRN3002 the result of bpf_task_from_pid is handed to bpf_task_release without a test for null", Refused(() => session.LoadSyscall((ref Numbers numbers) =>
        {
            BpfTask.FromPid(1)!.Release();
            return 0;
        })));
    }

    [KernelFact(MinKernel = "6.7")]
    public void Programs_that_may_not_call_a_function_are_refused_before_they_are_loaded()
    {
        using BpfSession session = new();
        Assert.Equal("HRN2203 programs of type SocketFilter cannot call bpf_task_from_pid", Assert.Single(Refused(() => session.LoadSocketFilter(_ => BpfTask.FromPid(1) is null ? 1 : 2))));
        Assert.Equal("HRN2203 programs of type SocketFilter cannot call bpf_crypto_ctx_release", Assert.Single(Refused(() => session.LoadSocketFilter(_ =>
        {
            Forget(null!);
            return 1;
        }))));
        using BpfSession old = new() { Options = IL.RunningKernel.Options with { Kernel = new Version(6, 1), KernelTypes = KernelBtf.Vmlinux } };
        Assert.Equal("HRN2203 bpf_iter_num_new exists since kernel 6.4; this one is 6.1", Assert.Single(Refused(() => old.LoadXdp(ctx =>
        {
            int sum = 0;
            foreach (int i in BpfIterator.Numbers(0, ctx.Data.Length)) sum += i;
            return (XdpAction)sum;
        }))));
    }

    [KernelType("bpf_crypto_ctx")]
    private interface Crypto;

    [KernelFunction("bpf_crypto_ctx_release")]
    private static void Forget(Crypto context) => throw new NotSupportedException();

    [KernelType("cgroup")]
    private interface Group;

    [KernelFunction("bpf_cgroup_from_id")]
    private static Group? ByNarrowId(uint id) => throw new NotSupportedException();

    [KernelFunction("bpf_cgroup_from_id")]
    private static Group? BySignedId(int id) => throw new NotSupportedException();

    [KernelFunction("bpf_cgroup_release")]
    private static void Release(Group group) => throw new NotSupportedException();

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void A_declared_number_may_become_wider_but_not_another_number()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref uint id) =>
        {
            var group = ByNarrowId(id);
            if (group is null) return 0;
            Release(group);
            return 1;
        });
        uint root = 1, none = uint.MaxValue;
        Assert.Equal(1, program.Run(ref root));
        Assert.Equal(0, program.Run(ref none));
        Assert.Matches("^HRN2203 '.*' of .* bpf_cgroup_from_id\\(u64 .*\\) is 'u64', and 'id' is int$", Assert.Single(Refused(() => session.LoadSyscall((ref int id) =>
        {
            var group = BySignedId(id);
            if (group is not null) Release(group);
            return 0;
        }))));
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void Control_groups_are_found_by_id_with_those_above()
    {
        using TestCgroup group = new();
        using TestCgroup below = new(group);
        ulong id = group.Id;
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            using (BpfSections.Rcu())
            {
                var found = BpfCgroup.FromId(id);
                if (found is null) return 1;
                numbers.A = (long)found.Id;
                numbers.B = found.Level;
                var root = found.GetAncestor(0);
                if (root is not null)
                {
                    numbers.C = (long)root.Id;
                    root.Release();
                }
                long groups = 0;
                foreach (var part in BpfIterator.Descendants(found.Self)) groups++;
                numbers.D = groups;
                found.Release();
                return 0;
            }
        });
        Numbers numbers = default;
        Assert.Equal(0, program.Run(ref numbers));
        Assert.Equal((long)id, numbers.A);
        Assert.True(numbers.B > 0);
        Assert.Equal(1, numbers.C);
        Assert.Equal(2, numbers.D);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.8")]
    public void Sets_of_cpus_are_made_and_compared()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            var mask = BpfCpuMask.Create();
            if (mask is null) return 1;
            var other = BpfCpuMask.Create();
            if (other is null)
            {
                mask.Release();
                return 2;
            }
            bool empty = mask.IsEmpty();
            mask.Add(0);
            bool before = mask.TestAndAdd(1);
            other.Add(1);
            numbers.A = (empty ? 1 : 0) + (before ? 10 : 0) + (mask.Contains(1) ? 100 : 0) + (mask.Overlaps(other) ? 1000 : 0) + (other.IsSubsetOf(mask) ? 10_000 : 0);
            numbers.B = mask.Count();
            bool some = mask.Intersect(mask, other);
            numbers.C = mask.First() + (some ? 100 : 0) + (mask.SetEquals(other) ? 1000 : 0);
            mask.Remove(1);
            numbers.D = mask.IsEmpty() ? 7 : 0;
            other.Release();
            mask.Release();
            return 0;
        });
        Numbers numbers = default;
        Assert.Equal(0, program.Run(ref numbers));
        Assert.Equal((11101L, 2L, 1101L, 7L), (numbers.A, numbers.B, numbers.C, numbers.D));
    }

    [KernelFact(MinKernel = "6.4")]
    public void Numbers_are_iterated_with_breaks_and_failing_checks()
    {
        using var slots = BpfArray<int>.Create("slots", 8);
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            long sum = 0;
            Span<int> table = stackalloc int[4];
            foreach (int i in BpfIterator.Numbers(ctx.Data[0], 100_000))
            {
                if (i > 50_000) break;
                sum += i;
                if (i < 10) table[i - ctx.Data[1]]++;
                foreach (int j in BpfIterator.Numbers(0, 3)) sum += j;
            }
            slots[0] = (int)(sum % 1_000_003);
            return XdpAction.Pass;
        });
        byte[] packet = new byte[64];
        packet[0] = 20;
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(packet).ReturnValue);
        long expected = 0;
        for (int i = 20; i <= 50_000; i++) expected += i + 3;
        Assert.Equal((int)(expected % 1_000_003), slots[0]);
        // The index is wrong: the program ends, and so do the iterators.
        packet[0] = 5;
        Assert.Equal((uint)XdpAction.Aborted, program.TestRun(packet).ReturnValue);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void Processes_and_threads_are_iterated()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            int me = (int)numbers.A;
            long processes = 0, threads = 0, mine = 0;
            using (BpfSections.Rcu())
            {
                foreach (var task in BpfIterator.Processes())
                {
                    processes++;
                }
                foreach (var thread in BpfIterator.ThreadsOf(Bpf.CurrentTask)) mine += thread.Tgid == me ? 1 : 1000;
                foreach (var task in BpfIterator.Threads()) threads++;
            }
            numbers.B = processes;
            numbers.C = threads;
            numbers.D = mine;
            return 0;
        });
        Numbers numbers = new() { A = Environment.ProcessId };
        Assert.Equal(0, program.Run(ref numbers));
        Assert.InRange(numbers.D, 2, 500);
        Assert.InRange(numbers.B, 3, numbers.C - 1);
    }

    private struct Family
    {
        public int Pid, Parent;
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void The_samples_of_the_page()
    {
        using BpfSession session = new();
        var parent = session.LoadSyscall((ref Family ask) =>
        {
            // sample: a reference
            var task = BpfTask.FromPid(ask.Pid);
            if (task is null) return 1;
            ask.Parent = task.RealParent.Tgid;
            task.Release();
            return 0;
            // end
        });
        Family family = new() { Pid = Environment.ProcessId };
        Assert.Equal(0, parent.Run(ref family));
        Assert.Contains($"PPid:\t{family.Parent}\n", File.ReadAllText("/proc/self/status"), StringComparison.Ordinal);
        var count = session.LoadSyscall((ref int unused) =>
        {
            // sample: an iterator
            long sleeping = 0;
            using (BpfSections.Rcu())
            {
                foreach (var task in BpfIterator.Processes())
                {
                    if (task.State == 1) sleeping++;
                }
            }
            return (int)sleeping;
            // end
        });
        int unused = 0;
        Assert.InRange(count.Run(ref unused), 1, 1_000_000);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.11")]
    public void Bits_are_iterated()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            ulong word = (ulong)numbers.A;
            long sum = 0;
            foreach (int bit in BpfIterator.Bits(ref word)) sum = sum * 100 + bit;
            numbers.B = sum;
            return 0;
        });
        Numbers numbers = new() { A = 1 << 3 | 1 << 17 | 1 << 30 };
        Assert.Equal(0, program.Run(ref numbers));
        Assert.Equal(31730, numbers.B);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.17")]
    public void Texts_are_compared_and_searched()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            var comm = Bpf.CurrentTask.Comm;
            numbers.A = comm.GetLength();
            numbers.B = comm.CompareTo("talker-one"u8) == 0 && comm.CompareTo("talker-two"u8) != 0 ? 1 : 0;
            numbers.C = comm.IndexOf("ker"u8) + 100 * comm.IndexOf((sbyte)'-');
            numbers.D = comm.CountUntil("-"u8);
            return 0;
        });
        Numbers numbers = default;
        int returned = -1;
        Thread thread = new(() =>
        {
            File.WriteAllText("/proc/thread-self/comm", "talker-one");
            returned = program.Run(ref numbers);
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, returned);
        Assert.Equal((10L, 1L, 603L, 6L), (numbers.A, numbers.B, numbers.C, numbers.D));
    }

    private struct Texts
    {
        public long A, B, C, D, E, F, G, H;
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.18")]
    public void Every_member_of_texts_gives_what_it_says()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Texts texts) =>
        {
            var comm = Bpf.CurrentTask.Comm;
            texts.A = comm.CompareTo(comm) + 10 * comm.CompareTo("talker"u8) + 100 * comm.CompareTo("zz"u8);
            texts.B = comm.CompareIgnoringCase("TALKER-ONE"u8) + 10 * comm.CompareIgnoringCase("TALKER-TWO"u8);
            texts.C = comm.GetLength(4) + 100 * comm.GetLength(40);
            texts.D = comm.LastIndexOf('e') + 100 * comm.LastIndexOf('x');
            texts.E = comm.IndexOf("one"u8, 9) + 1000 * comm.IndexOf("one"u8, 10);
            texts.F = comm.IndexOf((sbyte)'-', 6) + 1000 * comm.IndexOf((sbyte)'-', 7);
            texts.G = comm.IndexOfOrEnd((sbyte)'-') + 100 * comm.IndexOfOrEnd((sbyte)'x');
            texts.H = comm.CountOf("tlak"u8) + 100 * comm.CountUntil("-"u8);
            return 0;
        });
        Texts texts = default;
        int returned = -1;
        Thread thread = new(() =>
        {
            File.WriteAllText("/proc/thread-self/comm", "talker-one");
            returned = program.Run(ref texts);
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, returned);
        const int NotThere = -2;
        Assert.Equal((0 + 10 - 100, 0 - 10, 4 + 100 * 10, 9 + 100 * NotThere), (texts.A, texts.B, texts.C, texts.D));
        Assert.Equal((NotThere + 1000 * 7, NotThere + 1000 * 6, 6 + 100 * 10, 4 + 100 * 6), (texts.E, texts.F, texts.G, texts.H));
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "7.0")]
    public void Texts_are_searched_with_letters_alike()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            var comm = Bpf.CurrentTask.Comm;
            numbers.A = comm.CompareIgnoringCase("TALKER-TWO"u8, 7) + 10 * comm.CompareIgnoringCase("TALKER-TWO"u8, 8);
            numbers.B = comm.IndexOfIgnoringCase("ONE"u8);
            numbers.C = comm.IndexOfIgnoringCase("ONE"u8, 9);
            numbers.D = comm.IndexOfIgnoringCase("ONE"u8, 10);
            return 0;
        });
        Numbers numbers = default;
        int returned = -1;
        Thread thread = new(() =>
        {
            File.WriteAllText("/proc/thread-self/comm", "talker-one");
            returned = program.Run(ref numbers);
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, returned);
        Assert.Equal((-10, 7, -2, 7), (numbers.A, numbers.B, numbers.C, numbers.D));
    }

    [KernelFact(Needs.SyscallPrograms, Needs.Iterators, MinKernel = "6.7")]
    public void Processes_of_a_control_group_are_iterated()
    {
        using TestCgroup group = new();
        ulong id = group.Id;
        int me = Environment.ProcessId;
        using var rows = BpfArray<Numbers>.Create("rows", 1);
        using BpfSession session = new();
        // The kernel has this one for iterators that may sleep, and for security hooks.
        using var link = session.AttachIterator("cgroup", (Cgroup? cgroup) =>
        {
            if (cgroup is null || cgroup.Id != id) return;
            ref var row = ref rows.Find(0);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref row)) return;
            foreach (var task in BpfIterator.ProcessesIn(cgroup.Self))
            {
                row.A++;
                if (task.Tgid == me) row.B++;
            }
        }, new() { Cgroup = group.Path }, sleepable: true);
        void Walk()
        {
            rows[0] = default;
            using var stream = link.OpenRead();
            stream.CopyTo(Stream.Null);
        }
        group.Run(() =>
        {
            Walk();
            Assert.Equal((1, 1), (rows[0].A, rows[0].B));
        });
        Walk();
        Assert.Equal((0, 0), (rows[0].A, rows[0].B));
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void Memory_areas_are_iterated()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            ulong wanted = (ulong)numbers.A;
            long areas = 0;
            numbers.B = 0;
            foreach (var area in BpfIterator.Areas(Bpf.CurrentTask))
            {
                areas++;
                if (area.VmStart <= wanted && wanted < area.VmEnd) numbers.B = (long)area.VmStart;
            }
            numbers.C = areas;
            areas = 0;
            long first = 0;
            foreach (var area in BpfIterator.Areas(Bpf.CurrentTask, wanted))
            {
                areas++;
                if (first == 0) first = (long)area.VmStart;
            }
            numbers.A = areas;
            numbers.D = first;
            return 0;
        });
        nint memory;
        unsafe
        {
            memory = (nint)System.Runtime.InteropServices.NativeMemory.Alloc(64);
        }
        Numbers numbers = new() { A = memory };
        Assert.Equal(0, program.Run(ref numbers));
        unsafe
        {
            System.Runtime.InteropServices.NativeMemory.Free((void*)memory);
        }
        string[] map = File.ReadAllLines("/proc/self/maps");
        Assert.Contains(map, line => line.StartsWith($"{numbers.B:x}-", StringComparison.Ordinal));
        Assert.Equal(numbers.B, numbers.D);
        Assert.InRange(numbers.C, map.Length / 2, map.Length * 2);
        Assert.InRange(numbers.A, 1, numbers.C);
    }

    [KernelFact(MinKernel = "6.0")]
    public void Connections_are_made_found_and_given_back()
    {
        Assert.SkipUnless(KernelBtf.Vmlinux.TryFind("bpf_xdp_ct_lookup", BtfKind.Function, out _) || KernelBtf.TryGetModule("nf_conntrack", out _), "needs nf_conntrack");
        using var seen = BpfArray<long>.Create("seen", 4);
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            SocketTuple4 addresses = new() { Source = new(10, 1, 2, 3), Destination = new(10, 9, 8, 7), SourcePort = new(4321), DestinationPort = new(80) };
            var options = ConnectionOptions.For(6);
            if (ctx.FindConnection(in addresses, ref options) is { } before)
            {
                before.Release();
                seen[0] = 1;
            }
            var fresh = ctx.NewConnection(in addresses, ref options);
            if (fresh is null) return XdpAction.Drop;
            fresh.SetTimeout(10_000);
            var inserted = fresh.Insert();
            if (inserted is null) return XdpAction.Drop;
            inserted.Release();
            if (ctx.FindConnection(in addresses, ref options) is not { } found) return XdpAction.Drop;
            seen[1] = (long)found.Status;
            found.ChangeTimeout(1);
            found.Release();
            return XdpAction.Pass;
        });
        using TestNamespace ns = new();
        ns.Run(() => Assert.Equal((uint)XdpAction.Pass, program.TestRun(new byte[64]).ReturnValue));
        Assert.Equal(0, seen[0]);
        // IPS_CONFIRMED
        Assert.Equal(8, seen[1] & 8);
    }

    [KernelFact(MinKernel = "6.1")]
    public void A_connection_is_made_with_addresses_exchanged()
    {
        Assert.SkipUnless(KernelBtf.Vmlinux.TryFind("bpf_ct_set_nat_info", BtfKind.Function, out _) || KernelBtf.TryGetModule("nf_nat", out _), "needs nf_nat");
        using var seen = BpfArray<long>.Create("seen", 2);
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            SocketTuple4 addresses = new() { Source = new(10, 1, 2, 3), Destination = new(10, 9, 8, 7), SourcePort = new(4322), DestinationPort = new(80) };
            var options = ConnectionOptions.For(6);
            var fresh = ctx.NewConnection(in addresses, ref options);
            if (fresh is null) return XdpAction.Drop;
            seen[0] = 1 + fresh.SetTranslation(new Packets.IPv4Address(10, 5, 5, 5), 5000, TranslatedEnd.Source);
            fresh.SetTimeout(10_000);
            var inserted = fresh.Insert();
            if (inserted is null) return XdpAction.Drop;
            inserted.Release();
            // Who answers, answers the exchanged address.
            SocketTuple4 answer = new() { Source = new(10, 9, 8, 7), Destination = new(10, 5, 5, 5), SourcePort = new(80), DestinationPort = new(5000) };
            if (ctx.FindConnection(in answer, ref options) is not { } found) return XdpAction.Aborted;
            seen[1] = (long)found.Status;
            found.ChangeTimeout(1);
            found.Release();
            return XdpAction.Pass;
        });
        using TestNamespace ns = new();
        ns.Run(() => Assert.Equal((uint)XdpAction.Pass, program.TestRun(new byte[64]).ReturnValue));
        Assert.Equal(1, seen[0]);
        // IPS_SRC_NAT
        Assert.Equal(16, seen[1] & 16);
    }

    [KernelFact]
    public void The_table_knows_which_kernel_has_which_function()
    {
        List<string> wrong = [];
        foreach (string name in KernelFunctionTable.Names)
        {
            var first = KernelFunctionTable.FirstKernel(name)!;
            bool isOld = KernelVersion.Running < new KernelVersion(first.Major, first.Minor);
            bool exists = KernelBtf.Vmlinux.TryFind(name, BtfKind.Function, out _);
            if (exists == isOld && (isOld || !IsOptional(name))) wrong.Add($"{name}: {(exists ? "there" : "not there")} on {KernelVersion.Running}, and since {first}");
        }
        Assert.Empty(wrong);
    }

    // What configurations leave out or have in a module: NF_CONNTRACK, KEYS, CRYPTO, FS_VERITY, SCHED_CLASS_EXT.
    private static bool IsOptional(string name) => name.Contains("_ct_", StringComparison.Ordinal)
        || name is "bpf_lookup_user_key" or "bpf_lookup_system_key" or "bpf_key_put" or "bpf_verify_pkcs7_signature" or "bpf_get_fsverity_digest"
        || name.StartsWith("bpf_crypto_", StringComparison.Ordinal) || name.StartsWith("scx_", StringComparison.Ordinal);
}
