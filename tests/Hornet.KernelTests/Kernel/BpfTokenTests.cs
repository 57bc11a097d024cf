using System.Globalization;
using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.KernelTests.Kernel;

/// <summary>Rights delegated to a user namespace by a mount, and used there without any capability outside.</summary>
public class BpfTokenTests
{
    private static readonly ClangSource s_object = new("""
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 4); __type(key, int); __type(value, long); } delegated SEC(".maps");
        int runs;
        SEC("raw_tp/sys_enter") int traced(void *ctx) { int key = 1; long value = 1; runs++; return bpf_map_update_elem(&delegated, &key, &value, 0); }
        char LICENSE[] SEC("license") = "GPL";
        """);

    private static (string, string)[] Everything => [("delegate_cmds", "any"), ("delegate_maps", "any"), ("delegate_progs", "any"), ("delegate_attachs", "any")];

    private static string Mask(params ReadOnlySpan<uint> bits)
    {
        ulong mask = 0;
        foreach (uint bit in bits) mask |= 1ul << (int)bit;
        return $"0x{mask:x}";
    }

    [KernelFact(Needs.Token, Needs.Clang)]
    public void Maps_types_programs_and_objects_are_made_with_a_token() => Run(nameof(UseEverything), Everything);

    [KernelFact(Needs.Token)]
    public void What_was_not_delegated_is_refused_and_said()
    {
        const uint mapCreate = 0, programLoad = 5;
        Run(nameof(UseLittle), [("delegate_cmds", Mask(mapCreate, programLoad)), ("delegate_maps", Mask((uint)MapType.LruHash)), ("delegate_progs", Mask((uint)ProgramType.SocketFilter)), ("delegate_attachs", Mask(0))]);
    }

    [KernelFact(Needs.Token)]
    public void A_file_system_that_delegates_nothing_gives_no_token() => Run(nameof(FindNothing), []);

    [KernelFact(Needs.Token)]
    public void In_the_first_user_namespace_there_is_no_token()
    {
        var e = Assert.Throws<BpfSyscallException>(() => BpfToken.Create(Mounts.Ensure("bpf")));
        Assert.True(e.Errno is Errno.EOPNOTSUPP or Errno.ENOENT, e.Message);
        Assert.Contains("elegate", e.Message);
        Assert.Contains("open the BPF file system /no/such", Assert.Throws<BpfSyscallException>(() => BpfToken.Create("/no/such")).Message);
        Assert.Contains("not the root", Assert.Throws<BpfSyscallException>(() => BpfToken.Create("/proc")).Message);
    }

    private static void Run(string inside, ReadOnlySpan<(string, string)> options)
    {
        _ = s_object.Path;
        using var child = ChildProcess.StartUnder("unshare", ["--user", "--map-root-user", "--mount", "--"], Inside, inside);
        string first = child.ReadLine() ?? "";
        if (first == "") Assert.SkipWhen(child.Error.Contains("Operation not permitted", StringComparison.Ordinal), "user namespaces are not allowed here");
        if (!first.StartsWith("opened ", StringComparison.Ordinal)) Assert.Fail(first + child.ReadToEnd() + child.Error);
        Delegation.Delegate(child.Id, int.Parse(first.AsSpan("opened ".Length), CultureInfo.InvariantCulture), options);
        child.Input.WriteLine();
        string said = child.ReadToEnd();
        int status = child.Wait();
        Assert.True(status == 0, said + child.Error);
    }

    private static int Inside(string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("hornet-token-").FullName;
        try
        {
            using (var context = Delegation.Open())
            {
                Console.WriteLine($"opened {context.Value}");
                Console.In.ReadLine();
                Delegation.Mount(context, folder);
            }
            try
            {
                ((Action<string>)(arguments[0] switch { nameof(UseEverything) => UseEverything, nameof(UseLittle) => UseLittle, _ => FindNothing }))(folder);
            }
            finally
            {
                Mounts.Unmount(folder);
            }
            return 0;
        }
        catch (Exception e)
        {
            Console.WriteLine(e);
            return 1;
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    private static readonly MapSpec s_map = new() { Name = "delegated", Type = MapType.LruHash, KeySize = 4, ValueSize = 8, MaxEntries = 4 };

    private static ProgramSpec Program(ProgramType type) => new() { Name = "delegated", Type = type, Instructions = new Assembler().Mov(Register.R0, 0).Exit().Build() };

    private static void UseEverything(string folder)
    {
        Assert.Equal(Errno.EPERM, Assert.Throws<BpfSyscallException>(() => BpfMap.Create(s_map.Clone())).Errno);
        Assert.Equal(Errno.EPERM, Assert.Throws<VerifierException>(() => BpfProgram.Load(Program(ProgramType.RawTracepoint))).Errno);
        using var token = BpfToken.Create(folder);
        var rights = Assert.NotNull(token.Rights);
        Assert.True(rights.Allows(MapType.LruHash) && rights.Allows(ProgramType.RawTracepoint) && rights.Allows(AttachType.TraceFentry));
        using (var map = BpfMap.Create(s_map.Clone(), new MapCreateOptions { Token = token }))
        {
            map.Update(new byte[4], new byte[8]);
            Assert.NotNull(map.Lookup(new byte[4]));
        }
        BpfProgram.Load(Program(ProgramType.RawTracepoint), new ProgramLoadOptions { Token = token }).Dispose();
        BtfBuilder types = new();
        types.AddInt("int", 4, BtfIntEncoding.Signed);
        BpfBtf.Load(types.ToArray(), token).Dispose();
        using var loaded = BpfObject.Parse(s_object.Object, "delegated.o").Load(new LoadOptions { Token = token });
        Assert.True(loaded.BtfFailure is null, loaded.BtfFailure?.Message);
        Assert.NotNull(loaded.Btf);
        Assert.Single(loaded.Programs);
    }

    private static void UseLittle(string folder)
    {
        using var token = BpfToken.Create(folder);
        var rights = Assert.NotNull(token.Rights);
        Assert.Equal((true, false), (rights.Allows(MapType.LruHash), rights.Allows(MapType.LpmTrie)));
        BpfMap.Create(s_map.Clone(), new MapCreateOptions { Token = token }).Dispose();
        BpfProgram.Load(Program(ProgramType.SocketFilter), new ProgramLoadOptions { Token = token }).Dispose();
        var trie = s_map.Clone();
        trie.Type = MapType.Queue;
        trie.KeySize = 0;
        var map = Assert.Throws<BpfSyscallException>(() => BpfMap.Create(trie, new MapCreateOptions { Token = token }));
        Assert.Equal(Errno.EPERM, map.Errno);
        Assert.Contains("The token does not allow", map.Message);
        Assert.Contains("delegate_maps", map.Message);
        var program = Assert.Throws<VerifierException>(() => BpfProgram.Load(Program(ProgramType.RawTracepoint), new ProgramLoadOptions { Token = token }));
        Assert.Equal(Errno.EPERM, program.Errno);
        Assert.Contains("The token does not allow", program.Message);
    }

    private static void FindNothing(string folder) =>
        Assert.Contains("delegates nothing", Assert.Throws<BpfSyscallException>(() => BpfToken.Create(folder)).Message);
}
