using System.Runtime.CompilerServices;
using Hornet.Btf;
using Hornet.Compiler.Diagnostics;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Functions of the kernel that do things for programs: ciphers, work that is done later, more iterators, declared ones.</summary>
public class KernelWorkTests
{
    private struct Numbers
    {
        public long A, B;
    }

    private struct Later
    {
        public ulong Times, Thread;
        public BpfWork Work;
    }

    private struct ForThread
    {
        public ulong Times, Thread;
        public BpfTaskWork Work;
    }

    private struct Cipher
    {
        public BpfKptr<CryptoContext> Context;
    }

    [InlineArray(32)]
    private struct Text
    {
        private byte _first;
    }

    private static string[] Refused(Action load) => [.. Assert.Throws<CompilationException>(load).Diagnostics.Select(diagnostic => $"{diagnostic.Id} {diagnostic.Message}")];

    private static bool HasFunction(string name) => KernelBtf.IsAvailable && KernelBtf.Vmlinux.TryFind(name, BtfKind.Function, out _);

    private static void WaitFor(Func<bool> condition)
    {
        for (int i = 0; i < 1000 && !condition(); i++) Thread.Sleep(10);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.11")]
    public void A_cipher_is_made_kept_in_a_map_and_used_on_packets()
    {
        Assert.SkipUnless(HasFunction("bpf_crypto_ctx_create") && File.ReadAllText("/proc/crypto").Contains("ecb(aes)", StringComparison.Ordinal), "this kernel has no ecb(aes), or no ciphers for programs (CONFIG_CRYPTO_SKCIPHER, CONFIG_CRYPTO_ECB)");
        byte[] key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        using var ciphers = BpfArray<Cipher>.Create("ciphers", 1);
        using var parameters = BpfGlobal<CryptoParameters>.Create("parameters", CryptoParameters.For("ecb(aes)", key));
        using var texts = BpfArray<Text>.Create("texts", 3);
        using BpfSession session = new();
        var make = session.LoadSyscall((ref Numbers numbers) =>
        {
            ref var cipher = ref ciphers.Find(0);
            if (Unsafe.IsNullRef(ref cipher)) return 1;
            int error = 0;
            var context = BpfCrypto.Create(ref parameters.Value, ref error);
            if (context is null)
            {
                numbers.A = error;
                return 2;
            }
            var again = context.Acquire();
            if (again is not null) again.Release();
            var before = cipher.Context.Exchange(context);
            if (before is not null) before.Release();
            return 0;
        });
        var use = session.LoadTc(ctx =>
        {
            ref var cipher = ref ciphers.Find(0);
            ref var plain = ref texts.Find(0);
            ref var secret = ref texts.Find(1);
            ref var back = ref texts.Find(2);
            if (Unsafe.IsNullRef(ref cipher) || Unsafe.IsNullRef(ref plain) || Unsafe.IsNullRef(ref secret) || Unsafe.IsNullRef(ref back)) return TcAction.Shot;
            if (!BpfDynptr.TryFrom(ref plain, out var source) || !BpfDynptr.TryFrom(ref secret, out var middle) || !BpfDynptr.TryFrom(ref back, out var last)) return TcAction.Shot;
            var context = cipher.Context.Value;
            if (context is null) return TcAction.Shot;
            if (context.Encrypt(ref source, ref middle) != 0) return (TcAction)100;
            return context.Decrypt(ref middle, ref last) == 0 ? TcAction.Ok : (TcAction)101;
        });
        Numbers numbers = default;
        Assert.Equal(0, make.Run(ref numbers));
        Text given = default;
        "what nobody else shall read here!"u8[..32].CopyTo(given);
        texts[0] = given;
        Assert.Equal((uint)TcAction.Ok, use.TestRun(new byte[64]).ReturnValue);
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = key;
        byte[] expected = aes.EncryptEcb(((ReadOnlySpan<byte>)given).ToArray(), System.Security.Cryptography.PaddingMode.None);
        Text secret = texts[1], back = texts[2];
        Assert.Equal(expected, ((ReadOnlySpan<byte>)secret).ToArray());
        Assert.Equal(((ReadOnlySpan<byte>)given).ToArray(), ((ReadOnlySpan<byte>)back).ToArray());

        parameters.Value = CryptoParameters.For("ecb(nobodys)", key);
        Assert.Equal(2, make.Run(ref numbers));
        Assert.Equal(-95, numbers.A);
        Assert.Contains("longer than 127", Assert.Throws<ArgumentException>(() => CryptoParameters.For(new string('x', 128), key)).Message);
        Assert.Contains("256 at most", Assert.Throws<ArgumentException>(() => CryptoParameters.For("ecb(aes)", new byte[257])).Message);
    }

    [KernelFact(MinKernel = "6.11")]
    public void What_a_cipher_needs_is_said_at_the_line()
    {
        Assert.SkipUnless(HasFunction("bpf_crypto_ctx_create"), "this kernel has no ciphers for programs (CONFIG_CRYPTO_SKCIPHER)");
        using var parameters = BpfGlobal<CryptoParameters>.Create("parameters");
        using BpfSession session = new();
        Assert.StartsWith("HRN3016 the bpf_crypto_ctx that bpf_crypto_ctx_create gave is not given back when the function ends", Assert.Single(Refused(() => session.LoadSyscall((ref Numbers numbers) =>
        {
            int error = 0;
            return BpfCrypto.Create(ref parameters.Value, ref error) is null ? 1 : 0;
        }))));
        Assert.Equal("HRN2203 programs of type Xdp cannot call bpf_crypto_ctx_create", Assert.Single(Refused(() => session.LoadXdp(ctx =>
        {
            int error = 0;
            var context = BpfCrypto.Create(ref parameters.Value, ref error);
            if (context is null) return XdpAction.Drop;
            context.Release();
            return XdpAction.Pass;
        }))));
    }

    [KernelFact(MinKernel = "6.10")]
    public void Work_is_done_by_a_thread_of_the_kernel()
    {
        using var works = BpfHashMap<uint, Later>.Create("works", 4);
        using BpfSession session = new();
        var start = session.LoadTc(ctx =>
        {
            ref var later = ref works.GetOrAdd(1u);
            return later.Work.Start(works, static (in uint key, ref Later value) =>
            {
                value.Thread = Bpf.Tgid;
                value.Times += key;
            }) ? TcAction.Ok : TcAction.Shot;
        });
        for (ulong i = 1; i <= 3; i++)
        {
            Assert.Equal((uint)TcAction.Ok, start.TestRun(new byte[64]).ReturnValue);
            WaitFor(() => works[1].Times == i);
            Assert.Equal(i, works[1].Times);
        }
        Assert.NotEqual((ulong)Environment.ProcessId, works[1].Thread);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.18")]
    public void Work_is_done_by_a_thread_before_it_goes_on_in_user_space()
    {
        using var works = BpfArray<ForThread>.Create("works", 2);
        using BpfSession session = new();
        var start = session.LoadSyscall((ref Numbers numbers) =>
        {
            ref var first = ref works.Find(0);
            ref var second = ref works.Find(1);
            if (Unsafe.IsNullRef(ref first) || Unsafe.IsNullRef(ref second)) return 1;
            var task = BpfTask.FromPid((int)numbers.A);
            if (task is null) return 2;
            bool resumed = first.Work.RunOnResume(task, works, static (in uint key, ref ForThread value) =>
            {
                value.Thread = Bpf.Tid;
                value.Times++;
            });
            bool signalled = second.Work.RunOnSignal(task, works, static (in uint key, ref ForThread value) =>
            {
                value.Thread = Bpf.Tid;
                value.Times += key;
            });
            task.Release();
            return resumed && signalled ? 0 : 3;
        });
        Numbers numbers = new() { A = Links.Provoke.ThreadId };
        Assert.Equal(0, start.Run(ref numbers));
        WaitFor(() => works[0].Times == 1 && works[1].Times == 1);
        foreach (uint i in (ReadOnlySpan<uint>)[0, 1]) Assert.Equal((1ul, (ulong)Links.Provoke.ThreadId), (works[i].Times, works[i].Thread));
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.13")]
    public void Caches_of_the_kernel_are_walked_through()
    {
        using BpfSession session = new();
        var count = session.LoadSyscall((ref Numbers numbers) =>
        {
            foreach (var cache in BpfIterator.SlabCaches())
            {
                numbers.A++;
                if (cache.ObjectSize > cache.Size) numbers.B++;
            }
            return 0;
        });
        Numbers numbers = default;
        Assert.Equal(0, count.Run(ref numbers));
        Assert.True(numbers.A > 20, $"{numbers.A} caches");
        Assert.Equal(0, numbers.B);
    }

    [KernelFunction("bpf_local_irq_save")]
    private static void SaveInterrupts(ref ulong flags) => throw new NotSupportedException();

    [KernelFunction("bpf_local_irq_restore")]
    private static void RestoreInterrupts(ref ulong flags) => throw new NotSupportedException();

    [KernelFact(MinKernel = "6.14")]
    public void Functions_without_a_member_are_declared()
    {
        using var counter = BpfGlobal<ulong>.Create("counter");
        using BpfSession session = new();
        var program = session.LoadTc(ctx =>
        {
            ulong flags;
            Unsafe.SkipInit(out flags);
            SaveInterrupts(ref flags);
            counter.Value++;
            RestoreInterrupts(ref flags);
            return TcAction.Ok;
        });
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[64]).ReturnValue);
        Assert.Equal(1ul, counter.Value);
    }
}
