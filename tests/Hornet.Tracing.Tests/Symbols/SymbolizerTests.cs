using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Hornet.Elf;
using Hornet.Tracing.Symbols;

namespace Hornet.Tracing.Tests.Symbols;

public class SymbolizerTests
{
    private const string Waiting = """
        #include <stdio.h>
        #include <unistd.h>
        int counter = 3;
        __attribute__((noinline)) int worker(int x) { return x + counter; }
        static __attribute__((noinline)) int hidden(int x) { return x * counter; }
        int main(void) { printf("%p %p %p %p\n", (void *)worker, (void *)hidden, (void *)&counter, (void *)getppid); fflush(stdout); getchar(); return worker(1) + hidden(2); }
        """;

    [Fact]
    public void Mappings_are_read_as_the_kernel_writes_them()
    {
        var maps = ProcessMaps.Parse(1,
        [
            "55d0c8a00000-55d0c8a01000 r-xp 00001000 fe:01 131                        /opt/a b (x)/prog (deleted)",
            "7f0000001000-7f0000002000 r--p 00000000 00:00 0 ",
            "7f0000003000-7f0000004000 rw-s 00002000 00:01 77                         /memfd:caf\u00c3\u00a9\\012x",
            "7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0                          [vdso]",
            "nonsense", "", "1-0 r-xp 0 0 0 x",
        ], executableOnly: false);
        Assert.Equal(4, maps.Mappings.Count);
        Assert.Equal(new MemoryMapping(0x55d0c8a00000, 0x55d0c8a01000, 0x1000, true, "fe:01", 131, "/opt/a b (x)/prog", true), maps.Mappings[0]);
        Assert.Equal("/memfd:caf\u00e9\nx", maps.Mappings[2].Name);
        Assert.True(maps.Mappings[3].IsVdso);
        Assert.Equal(0x7f0000001000u, maps.Find(0x7f0000001fff)!.Value.Start);
        Assert.Null(maps.Find(0x7f0000002000));
        Assert.Null(maps.Find(0));
        Assert.Equal(["/proc/1/map_files/55d0c8a00000-55d0c8a01000"], maps.PathsOf(maps.Mappings[0]));
        Assert.Contains("/proc/1/root/memfd", maps.PathsOf(maps.Mappings[2]).ElementAt(1));
        Assert.Empty(maps.PathsOf(maps.Mappings[1]));
    }

    [Fact]
    public void A_process_that_does_not_exist_is_an_error() => Assert.Throws<BpfSyscallException>(() => ProcessMaps.Read(int.MaxValue));

    [Fact]
    public void Symbols_are_found_by_address_in_stripped_binaries_too()
    {
        using var program = TestProgram.Compile("gcc", Waiting, "-O1 -g -Wl,--build-id");
        var whole = BinarySymbols.Open(program.Path);
        using var elf = ElfFile.Open(program.Path);
        var worker = elf.FindFunction("worker")!;
        var hidden = elf.FindFunction("hidden")!;
        Assert.Equal(new BinarySymbol("worker", worker.Address, worker.Size), whole.Find(worker.Address + worker.Size - 1));
        Assert.Equal("hidden", whole.Find(hidden.Address)!.Value.Name);
        Assert.Equal(worker.Address, whole.AddressOf(worker.FileOffset));
        Assert.Null(whole.Find(1));
        Assert.Equal(Convert.ToHexStringLower(elf.BuildId!.Value.Span), whole.BuildId);
        program.Tool("objcopy", "--only-keep-debug program apart.debug");
        program.Tool("objcopy", "--strip-all --add-gnu-debuglink=apart.debug program stripped");
        var stripped = BinarySymbols.Open(Path.Combine(program.Folder, "stripped"));
        Assert.Equal("hidden", stripped.Find(hidden.Address)!.Value.Name);
        File.Delete(Path.Combine(program.Folder, "apart.debug"));
        Assert.NotEqual("hidden", BinarySymbols.Open(Path.Combine(program.Folder, "stripped")).Find(hidden.Address)?.Name);
    }

    [Fact]
    public void A_running_process_has_names_and_keeps_them_when_it_ended()
    {
        using var program = TestProgram.Compile("gcc", Waiting, "-O1");
        using UserSymbolizer symbolizer = new();
        int id;
        ulong[] addresses;
        using (var process = Process.Start(new ProcessStartInfo(program.Path) { RedirectStandardInput = true, RedirectStandardOutput = true })!)
        {
            id = process.Id;
            addresses = Addresses(process.StandardOutput.ReadLine()!);
            Assert.True(symbolizer.Remember(id, readSymbols: true));
            process.StandardInput.Close();
            process.WaitForExit();
        }
        var symbols = symbolizer.Resolve(id, [addresses[0], addresses[0] + 1, addresses[1], addresses[2], addresses[3], 16]);
        Assert.Equal(["worker", "worker", "hidden", "counter", "getppid", null], symbols.Select(s => s.Name));
        Assert.Equal([0u, 1u, 0u, 0u, 0u, 0u], symbols.Select(s => s.Offset));
        Assert.Equal(program.Path, symbols[0].Module);
        Assert.Equal("worker+1", symbols[1].ToString());
        Assert.Equal("0x10", symbols[5].ToString());
        using (var elf = ElfFile.Open(program.Path)) Assert.Equal(elf.FindFunction("worker")!.Address, symbols[0].FileAddress);
        symbolizer.Forget(id);
        Assert.Null(symbolizer.Resolve(id, addresses[0]).Name);
    }

    [Fact]
    public void Names_are_demangled_and_source_lines_are_found()
    {
        using var program = TestProgram.Compile("gcc", Waiting.Replace("worker", "_ZN2ns6workerEi", StringComparison.Ordinal), "-O1 -g");
        using UserSymbolizer symbolizer = new();
        using UserSymbolizer plain = new(new UserSymbolizerOptions { Demangle = false });
        using var process = Process.Start(new ProcessStartInfo(program.Path) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            ulong[] addresses = Addresses(process.StandardOutput.ReadLine()!);
            Assert.Equal("ns::worker(int)", symbolizer.Resolve(process.Id, addresses[0]).Name);
            Assert.Equal("_ZN2ns6workerEi", plain.Resolve(process.Id, addresses[0]).Name);
            var frame = Assert.Single(symbolizer.FindSource(process.Id, addresses[1]));
            Assert.Equal(("hidden", 5), (frame.Function, frame.Location.Line));
            Assert.Equal(Path.Combine(program.Folder, "program.c"), frame.Location.Path);
            Assert.Empty(symbolizer.FindSource(process.Id, 16));
        }
        finally
        {
            process.StandardInput.Close();
            process.WaitForExit();
        }
    }

    [Fact]
    public void A_deleted_program_has_names()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "opening deleted files of a process needs root");
        using var program = TestProgram.Compile("gcc", Waiting, "-O1");
        using UserSymbolizer symbolizer = new();
        using var process = Process.Start(new ProcessStartInfo(program.Path) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            ulong[] addresses = Addresses(process.StandardOutput.ReadLine()!);
            File.Delete(program.Path);
            Assert.Equal("worker", symbolizer.Resolve(process.Id, addresses[0]).Name);
        }
        finally
        {
            process.StandardInput.Close();
            process.WaitForExit();
        }
    }

    [Fact]
    public void Code_of_the_kernel_in_every_process_has_names()
    {
        var vdso = ProcessMaps.Read(Environment.ProcessId).Mappings.FirstOrDefault(m => m.IsVdso);
        Assert.SkipUnless(vdso.IsVdso, "this process has no vdso");
        using UserSymbolizer symbolizer = new();
        string[] names = [.. Enumerable.Range(0, (int)(vdso.End - vdso.Start)).Select(i => symbolizer.Resolve(Environment.ProcessId, vdso.Start + (ulong)i).Name).OfType<string>().Distinct()];
        Assert.Contains(names, n => n.EndsWith("clock_gettime", StringComparison.Ordinal));
    }

    [Fact]
    public void Compiled_methods_have_names_from_the_map_and_what_is_added_is_seen()
    {
        string path = $"/tmp/perf-{Environment.ProcessId}.map";
        Assert.SkipWhen(File.Exists(path), $"{path} exists");
        nint memory = Marshal.AllocHGlobal(1 << 22);
        try
        {
            ulong address = (ulong)memory + 0x1000;
            File.WriteAllText(path, $"{address:x} 40 void [test] First(int32)\nrubbish\n{address + 0x100:X} 0x10 second\n");
            using UserSymbolizer symbolizer = new();
            var first = symbolizer.Resolve(Environment.ProcessId, address + 0x3f);
            Assert.Equal(("void [test] First(int32)", 0x3fu), (first.Name, first.Offset));
            Assert.Equal("second", symbolizer.Resolve(Environment.ProcessId, address + 0x100).Name);
            Assert.Null(symbolizer.Resolve(Environment.ProcessId, address + 0x40).Name);
            File.AppendAllText(path, $"{address + 0x40:x} 8 third\n");
            Assert.Equal("third", symbolizer.Resolve(Environment.ProcessId, address + 0x47).Name);
            Assert.Null(new UserSymbolizer(new UserSymbolizerOptions { UsePerfMaps = false }).Resolve(Environment.ProcessId, address).Name);
        }
        finally
        {
            File.Delete(path);
            Marshal.FreeHGlobal(memory);
        }
    }

    [Fact]
    public void The_last_method_at_an_address_is_the_living_one()
    {
        var map = PerfMap.Parse(Encoding.UTF8.GetBytes("100 10 old\n100 10 new\n80 8 other\nzz 1 x\n5\n"));
        Assert.Equal(2, map.Count);
        Assert.Equal(("new", 0x100u), map.Find(0x10f));
        Assert.Null(map.Find(0x110));
        Assert.Null(map.Find(0x88));
    }

    [Fact]
    public void Kernel_symbols_are_found_by_address()
    {
        var kernel = KernelSymbolizer.Parse(Encoding.UTF8.GetBytes(
            "0000000000000010 A fixed_percpu_data\nffffffff81000000 T _text\nffffffff81000000 T startup\nffffffff81000100 t worker\nffffffffc0200000 t one\t[mod_a]\nffffffffc0100000 t two\t[mod_b]\nffffffffc0200040 t three\t[mod_a]\n"));
        Assert.Equal(5, kernel.Count);
        Assert.False(kernel.IsRestricted);
        Assert.Equal(new KernelSymbol("_text", 0xff, null), kernel.Find(0xffffffff810000ff));
        Assert.Equal(new KernelSymbol("worker", 0, null), kernel.Find(0xffffffff81000100));
        Assert.Equal(new KernelSymbol("two", 4, "mod_b"), kernel.Find(0xffffffffc0100004));
        Assert.Equal(new KernelSymbol("one", 0, "mod_a"), kernel.Find(0xffffffffc0200000));
        Assert.Equal(new KernelSymbol("three", 1, "mod_a"), kernel.Find(0xffffffffc0200041));
        Assert.Null(kernel.Find(0x1000));
        Assert.Null(kernel.Find(ulong.MaxValue));
        Assert.True(KernelSymbolizer.Parse(Encoding.UTF8.GetBytes("0000000000000000 T _text\n")).IsRestricted);
        Assert.Equal(0, KernelSymbolizer.Parse([]).Count);
    }

    private static ulong[] Addresses(string line) => [.. line.Split(' ').Select(p => ulong.Parse(p.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
