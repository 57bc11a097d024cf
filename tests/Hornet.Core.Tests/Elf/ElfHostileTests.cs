using Hornet.Elf;

namespace Hornet.Core.Tests.Elf;

public class ElfHostileTests
{
    [Fact]
    public void What_is_no_ELF_file_is_refused()
    {
        Assert.Throws<BpfFormatException>(() => ElfFile.Parse(Array.Empty<byte>(), "empty"));
        Assert.Throws<BpfFormatException>(() => ElfFile.Parse("#!/bin/sh"u8.ToArray(), "script"));
        var e = Assert.Throws<BpfFormatException>(() => ElfFile.Open("/dev/null"));
        Assert.Contains("/dev/null", e.Message);
    }

    [Fact]
    public void Every_truncation_is_a_format_error_or_a_shorter_file()
    {
        byte[] whole = Compile.Bpf("int v; __attribute__((section(\"xdp\"))) int f(void *c) { return v; }");
        for (int length = 0; length < whole.Length; length += length < 200 ? 1 : 37) Exercise(whole[..length]);
    }

    [Fact]
    public void Mutated_files_throw_nothing_but_format_errors()
    {
        byte[][] seeds =
        [
            Compile.Bpf("int v; __attribute__((section(\"xdp\"))) int f(void *c) { return v; }"),
            Compile.Native("int main(void) { return 0; }"),
            Compile.Native("int f(void) { return 0; }", "-shared -fPIC -g -gz=zlib"),
        ];
        Random random = new(20260817);
        for (int round = 0; round < 1500; round++)
        {
            byte[] bytes = (byte[])seeds[round % seeds.Length].Clone();
            int sectionHeaders = BitConverter.ToInt32(bytes, 40);
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                // Headers hold the interesting bytes: hit them more often than the rest.
                int at = random.Next(3) switch
                {
                    0 => random.Next(64),
                    1 => sectionHeaders + random.Next(bytes.Length - sectionHeaders),
                    _ => random.Next(bytes.Length),
                };
                bytes[at] = random.Next(4) switch { 0 => 0, 1 => 0xff, 2 => (byte)(bytes[at] + 1), _ => (byte)random.Next(256) };
            }
            Exercise(bytes);
        }
    }

    [Fact]
    public void A_small_file_cannot_ask_for_much_memory()
    {
        ElfWriter writer = new(ElfMachine.Bpf);
        byte[] bomb = new byte[64];
        bomb[0] = 1;
        BitConverter.TryWriteBytes(bomb.AsSpan(8), 1L << 40);
        writer.AddSection("bomb", ElfSectionType.ProgramBits, ElfSectionFlags.Compressed, bomb);
        using var elf = ElfFile.Parse(writer.ToArray(), "bomb");
        Assert.Contains("cannot be", Assert.Throws<BpfFormatException>(() => elf.Read(elf.FindSection("bomb")!)).Message);
    }

    private static void Walk<T>(IEnumerable<T> items)
    {
        foreach (var _ in items) { }
    }

    private static void Exercise(byte[] bytes)
    {
        try
        {
            using var elf = ElfFile.Parse(bytes, "mutant");
            foreach (var section in elf.Sections)
            {
                try
                {
                    elf.Read(section);
                    elf.Relocations(section);
                }
                catch (BpfFormatException)
                {
                }
            }
            foreach (Action action in (Action[])[() => Walk(elf.Symbols), () => Walk(elf.DynamicSymbols), () => _ = elf.Notes.Count, () => _ = elf.BuildId, () => _ = elf.DebugLink, () => Walk(elf.Functions())])
            {
                try
                {
                    action();
                }
                catch (BpfFormatException)
                {
                }
            }
            elf.FindFunction("main");
        }
        catch (BpfFormatException)
        {
        }
        catch (BpfException e) when (e.Message.Contains("several functions"))
        {
        }
    }
}
