using Hornet.Btf;

namespace Hornet.Core.Tests.Btf;

public class BtfExtTests
{
    private const string Source = """
        struct s { int a; int b; } __attribute__((preserve_access_index));
        __attribute__((section("xdp"), used)) int one(struct s *s) { return s->b; }
        __attribute__((section("tc"), used)) int two(struct s *s) {
          return s->a + s->b;
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Functions_lines_and_relocations_are_told_by_section(bool bigEndian)
    {
        var (spec, bytes) = Clang.Compile(Source, bigEndian);
        var ext = BtfExt.Parse(bytes, spec);
        Assert.Equal(["xdp", "tc"], ext.Sections.Select(s => s.Name));
        var tc = ext.Find("tc")!;
        Assert.Equal("two", spec[Assert.Single(tc.Functions).TypeId].Name);
        Assert.Equal(["0:0", "0:1"], tc.Relocations.Select(r => r.Access));
        Assert.All(tc.Relocations, r => Assert.Equal((CoreRelocationKind.FieldByteOffset, "s"), (r.Kind, spec[r.TypeId].Name)));
        var line = tc.Lines.First(l => spec.GetString(l.TextOffset).Contains("return"));
        Assert.Equal(4u, line.Line);
        Assert.EndsWith("t.c", spec.GetString(line.FileNameOffset));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_is_read_back(bool bigEndian)
    {
        var (spec, bytes) = Clang.Compile(Source);
        var ext = BtfExt.Parse(bytes, spec);
        BtfBuilder builder = new();
        builder.AddInt("int", 4);
        byte[] written = BtfExt.Write(ext.Sections, spec, builder, bigEndian);
        var target = BtfSpec.Parse(builder.ToArray(bigEndian));
        var again = BtfExt.Parse(written, target);
        Assert.Equal(ext.Sections.Select(s => s.Name), again.Sections.Select(s => s.Name));
        foreach (var (was, now) in ext.Sections.Zip(again.Sections))
        {
            Assert.Equal(was.Functions, now.Functions);
            Assert.Equal(was.Relocations, now.Relocations);
            Assert.Equal(was.Lines.Select(l => (l.InstructionOffset, l.Line, l.Column, spec.GetString(l.TextOffset))),
                now.Lines.Select(l => (l.InstructionOffset, l.Line, l.Column, target.GetString(l.TextOffset))));
        }
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_read_but_never_anything_else()
    {
        var (spec, good) = Clang.Compile(Source);
        for (int length = 0; length < good.Length; length++) Assert.Throws<BpfFormatException>(() => BtfExt.Parse(good.AsSpan(0, length), spec));
        var random = new Random(2);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bad = (byte[])good.Clone();
            for (int n = random.Next(1, 4); n > 0; n--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try { BtfExt.Parse(bad, spec); }
            catch (BpfFormatException) { refused++; }
        }
        Assert.InRange(refused, 1000, 20_000);
    }
}
