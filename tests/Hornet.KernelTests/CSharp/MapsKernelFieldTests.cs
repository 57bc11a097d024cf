using System.Runtime.CompilerServices;
using Hornet.Compiler;
using Hornet.Compiler.Diagnostics;
using Hornet.Maps;
using Hornet.Objects;

namespace Hornet.KernelTests.CSharp;

/// <summary>Values with fields of the kernel.</summary>
public class MapsKernelFieldTests
{
    [KernelFact(MinKernel = "5.1")]
    public void Fields_are_changed_together_under_a_lock()
    {
        using var accounts = BpfHashMap<uint, Account>.Create("accounts", 16);
        using var totals = BpfArray<Account>.Create("totals", 2);
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            ref var account = ref accounts.GetOrAdd(ctx.InterfaceIndex);
            using (account.Lock.Enter())
            {
                account.Packets++;
                account.Bytes += 64;
            }
            ref var total = ref totals.Find(1);
            if (Unsafe.IsNullRef(ref total)) return XdpAction.Drop;
            using var scope = total.Lock.Enter();
            if (total.Packets == total.Bytes) total.Packets++;
            total.Bytes = total.Packets;
            return XdpAction.Pass;
        });
        byte[] packet = new byte[64];
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() => { for (int i = 0; i < 500; i++) program.TestRun(packet); })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        var (_, found) = Assert.Single(accounts);
        Assert.Equal((2000ul, 128_000ul), (found.Packets, found.Bytes));
        Assert.Equal((2000ul, 2000ul), (totals[1].Packets, totals[1].Bytes));
    }

    [KernelFact(MinKernel = "5.1")]
    public void Compiled_ahead_of_time_the_object_says_where_the_lock_is()
    {
        BpfObject made;
        using (MapDeclarationScope scope = new())
        {
            var accounts = BpfHashMap<uint, Account>.Create("accounts", 16);
            Func<XdpContext, XdpAction> kernel = ctx =>
            {
                ref var account = ref accounts.GetOrAdd(7);
                using (account.Lock.Enter())
                {
                    account.Packets++;
                    account.Bytes += 64;
                }
                return XdpAction.Pass;
            };
            var options = IL.RunningKernel.Options with { Relocatable = true };
            made = BpfCompiler.Compile(IL.KernelCode.Network("count", "xdp:count", ProgramType.Xdp, kernel).Translate(options), options).Object;
        }
        made.Programs["count"].SectionName = "xdp";
        foreach (var spec in (BpfObject[])[made, BpfObject.Parse(made.ToElf(), "count")])
        {
            using var loaded = spec.Load();
            loaded.Program("count").TestRun(new byte[64]);
            BpfHashMap<uint, Account> accounts = new(loaded.Map("accounts"));
            Assert.Equal((1ul, 64ul), (accounts[7].Packets, accounts[7].Bytes));
        }
    }

    [KernelFact(MinKernel = "5.1")]
    public void User_space_reads_and_writes_under_the_lock()
    {
        using var accounts = BpfHashMap<uint, Account>.Create("accounts", 16);
        accounts.Set(1, new Account { Packets = 3, Bytes = 4 });
        accounts.Set(1, new Account { Packets = 5, Bytes = 6 }, MapUpdateFlags.Lock);
        Assert.True(accounts.TryGetValue(1, out var account, MapLookupFlags.Lock));
        Assert.Equal((5ul, 6ul), (account.Packets, account.Bytes));
    }

    [KernelFact(MinKernel = "5.1")]
    public void A_kind_that_has_no_locks_says_so()
    {
        var error = Assert.ThrowsAny<BpfException>(() => BpfPerCpuHashMap<uint, Account>.Create("accounts", 16));
        Assert.Contains("lock", error.Message, StringComparison.Ordinal);
    }

    [KernelFact(MinKernel = "5.1")]
    public void A_whole_value_with_a_lock_is_not_copied()
    {
        using var accounts = BpfHashMap<uint, Account>.Create("accounts", 16);
        var error = Assert.Throws<CompilationException>(() => MapsRun.Once(() =>
        {
            var copy = accounts[1];
            if (copy.Packets > 3) accounts.Remove(1);
        }));
        Assert.Equal("HRN2113", Assert.Single(error.Diagnostics).Id);
    }

    private struct Account
    {
        public BpfSpinLock Lock;
        public ulong Packets, Bytes;
    }
}
