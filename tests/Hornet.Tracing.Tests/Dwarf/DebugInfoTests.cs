using Hornet.Btf;
using Hornet.Elf;
using Hornet.Tracing.Dwarf;

namespace Hornet.Tracing.Tests.Dwarf;

public class DebugInfoTests
{
    public static TheoryData<string, string> Compilers => new()
    {
        { "gcc", "-g -O1 -gdwarf-5" },
        { "gcc", "-g -O1 -gdwarf-4" },
        { "gcc", "-g -O1 -gdwarf-4 -gz=zlib -fdebug-types-section" },
        { "gcc", "-g -O1 -gdwarf-2 -gstrict-dwarf" },
        { "clang", "-g -O1 -gdwarf-5" },
        { "clang", "-g -O1 -gdwarf-4" },
        { "clang", "-g -O1 -gdwarf-5 -gdwarf64" },
        { "clang", "-g -O1 -gdwarf-5 -gsplit-dwarf" },
        { "clang", "-g -O1 -gdwarf-4 -gsplit-dwarf" },
        { "gcc", "-g -O1 -gdwarf-5 -gsplit-dwarf" },
        { "gcc", "-g -O1 -gdwarf-4 -gsplit-dwarf -fdebug-types-section" },
    };

    [Theory]
    [MemberData(nameof(Compilers))]
    public void A_function_has_its_address_parameters_and_result(string compiler, string arguments)
    {
        using var program = TestProgram.Compile(compiler, Sources.C, arguments);
        using var info = DebugInfo.Open(program.Path);
        var function = Assert.Single(info.FindFunctions("simple"));
        using (var elf = ElfFile.Open(program.Path))
        {
            var symbol = elf.FindFunction("simple")!;
            Assert.Equal(symbol.Address, Assert.Single(function.Addresses));
            Assert.Equal(symbol.FileOffset, info.FileOffset(function.Addresses[0]));
        }
        Assert.Equal(["int number", "const char *text", "struct foo *foo", "char letter"], function.Parameters.Select(p => p.ToString()));
        Assert.Equal([0, 1, 2, 3], function.Parameters.Select(p => p.Location.ArgumentRegister));
        Assert.Equal("int", function.ReturnType.Name);
        Assert.False(function.IsVariadic);
        Assert.False(function.IsLocal);
        Assert.Equal("simple", function.QualifiedName);
        Assert.Empty(info.Missing);

        Assert.True(Assert.Single(info.FindFunctions("many")).IsVariadic);
        var nothing = Assert.Single(info.FindFunctions("nothing"));
        Assert.Empty(nothing.Parameters);
        Assert.Equal(BtfKind.Void, nothing.ReturnType.Kind);
        Assert.True(Assert.Single(info.FindFunctions("local")).IsLocal);
        Assert.Empty(info.FindFunctions("simpl"));
        Assert.Empty(info.FindFunctions("no_such_function"));
        Assert.Contains(info.Functions, f => f.Name == "main");
        Assert.Equal("simple", info.FindFunctionAt(function.Addresses[0] + 2)!.Name);
        Assert.Null(info.FindFunctionAt(1));
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void An_inlined_function_has_the_places_of_its_copies(string compiler, string arguments)
    {
        using var program = TestProgram.Compile(compiler, Sources.C, arguments);
        using var info = DebugInfo.Open(program.Path);
        var twice = Assert.Single(info.FindFunctions("twice"));
        Assert.Empty(twice.Addresses);
        Assert.Equal(2, twice.InlinedAddresses.Count);
        Assert.Equal(["main", "simple"], twice.InlinedAddresses.Select(a => info.FindFunctionAt(a)!.Name).Order());
        Assert.Equal("int value", Assert.Single(twice.Parameters).ToString());
        Assert.Empty(info.FindFunctions("simple")[0].InlinedAddresses);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void A_struct_has_its_members_where_they_are(string compiler, string arguments)
    {
        using var program = TestProgram.Compile(compiler, Sources.C, arguments);
        using var info = DebugInfo.Open(program.Path);
        var foo = info.FindType("struct foo")!.Value;
        Assert.Equal(BtfKind.Struct, foo.Kind);
        Assert.Equal(8, foo.Spec.PointerSize);
        (string Name, long Bits, int Width)[] expected =
        [
            ("a", 0, 0), ("name", 32, 0), ("low", 112, 3), ("high", 115, 7), ("inner", 128, 0), ("left", 160, 0), ("right", 160, 0), ("color", 192, 0), ("next", 256, 0),
            ("number", 320, 0), ("grid", 384, 0), ("callback", 768, 0), ("flags", 832, 0), ("yes", 896, 0), ("real", 960, 0),
        ];
        foreach (var (name, bits, width) in expected)
        {
            Assert.True(foo.TryFindField(name, out var field), name);
            Assert.Equal((name, bits, width), (name, field.BitOffset, field.BitfieldSize));
        }
        Assert.Equal(128, foo.ByteSize);
        Assert.True(foo.TryFindField("next", out var next));
        Assert.Equal("struct node *", BtfCFormatter.TypeName(next.Type));
        var node = next.Type.Target;
        Assert.True(node.TryFindField("foo", out var inside));
        Assert.Equal(foo, inside.Type);
        Assert.True(foo.TryFindField("grid", out var grid));
        Assert.Equal(48, grid.Type.ByteSize);
        Assert.Equal((3u, 4u), (grid.Type.ArrayLength, grid.Type.Target.ArrayLength));
        Assert.True(foo.TryFindField("callback", out var callback));
        Assert.Equal(3, callback.Type.Target.Parameters.Count);
        Assert.True(callback.Type.Target.Parameters[2].IsVariadic);
        Assert.True(foo.TryFindField("color", out var color));
        Assert.Equal([("RED", 0), ("GREEN", 5), ("BLUE", -3)], color.Type.Values.Select(v => (v.Name, v.Value)));
        Assert.Equal(0x100000000, Assert.Single(info.FindType("enum big")!.Value.Values).Value);
        Assert.True(foo.TryFindField("flags", out var flags));
        Assert.Equal((8L, false), (flags.Type.ByteSize, flags.Type.Resolve().IsSigned));
        Assert.True(foo.TryFindField("real", out var real));
        Assert.Equal(BtfKind.Float, real.Type.Kind);
        Assert.Equal(8, info.FindType("union number")!.Value.ByteSize);
        Assert.Equal(BtfKind.Typedef, info.FindType("word")!.Value.Kind);
        Assert.Equal(foo, info.FindType("foo"));
        Assert.Null(info.FindType("enum foo"));
        Assert.Null(info.FindType("struct nowhere"));
        Assert.Contains("struct foo", info.TypeNames);
        Assert.Contains("word", info.TypeNames);
    }

    [Fact]
    public void Parameters_are_where_the_calling_convention_puts_them()
    {
        using var program = TestProgram.Compile("gcc", Sources.C, "-g -O1");
        using var info = DebugInfo.Open(program.Path);
        Assert.SkipUnless(info.Machine == ElfMachine.X64, "the places are those of x86-64");
        var p = Assert.Single(info.FindFunctions("places")).Parameters;
        Assert.Equal([new ParameterPiece(ParameterPlace.Vector, 0, 0, 4)], p[0].Location.Pieces);
        Assert.Equal(0, p[1].Location.ArgumentRegister);
        Assert.Equal([new ParameterPiece(ParameterPlace.General, 1, 0, 8), new ParameterPiece(ParameterPlace.General, 2, 8, 8)], p[2].Location.Pieces);
        Assert.Equal([new ParameterPiece(ParameterPlace.Vector, 1, 0, 8)], p[3].Location.Pieces);
        Assert.Equal([new ParameterPiece(ParameterPlace.Vector, 2, 0, 8), new ParameterPiece(ParameterPlace.General, 3, 8, 8)], p[4].Location.Pieces);
        Assert.Equal(8, p[5].Location.StackOffset);
        Assert.Equal([new ParameterPiece(ParameterPlace.General, 4, 0, 8), new ParameterPiece(ParameterPlace.General, 5, 8, 8)], p[6].Location.Pieces);
        Assert.Equal(48, p[7].Location.StackOffset);
        // The caller gives the place for a large result in the first register.
        Assert.Equal(1, Assert.Single(Assert.Single(info.FindFunctions("hidden")).Parameters).Location.ArgumentRegister);
    }

    public static TheoryData<string, string> CppCompilers => new()
    {
        { "g++", "-g -O1 -gdwarf-5" },
        { "g++", "-g -O1 -gdwarf-4 -fdebug-types-section" },
        { "clang++", "-g -O1 -gdwarf-5" },
        { "clang++", "-g -O1 -gdwarf-4 -fdebug-types-section" },
    };

    [Theory]
    [MemberData(nameof(CppCompilers))]
    public void Cpp_has_namespaces_overloads_bases_and_references(string compiler, string arguments)
    {
        using var program = TestProgram.Compile(compiler, Sources.Cpp, arguments, "program.cpp");
        using var info = DebugInfo.Open(program.Path);
        var method = Assert.Single(info.FindFunctions("outer::inner::Derived::method"));
        Assert.Equal("outer::inner::Derived::method", method.QualifiedName);
        Assert.Equal("_ZNK5outer5inner7Derived6methodEiRKNS0_5PlainE", method.LinkageName);
        Assert.Equal(["this", "a", "b"], method.Parameters.Select(p => p.Name));
        Assert.Equal([true, false, false], method.Parameters.Select(p => p.IsArtificial));
        Assert.Equal("const struct Plain *", BtfCFormatter.TypeName(method.Parameters[2].Type));
        Assert.Equal(method.Addresses, Assert.Single(info.FindFunctions(method.LinkageName!)).Addresses);
        Assert.Equal(method.Addresses, Assert.Single(info.FindFunctions("method")).Addresses);
        Assert.Equal(method.Addresses, Assert.Single(info.FindFunctions("outer::inner::Derived::method(int, outer::inner::Plain const&) const")).Addresses);
        Assert.Empty(info.FindFunctions("inner::Other::method"));
        Assert.Equal(2, info.FindFunctions("overload").Count);
        Assert.Single(info.FindFunctions("largest<int>"));

        var derived = info.FindType("outer::inner::Derived")!.Value;
        Assert.True(derived.TryFindField("base_field", out var field));
        Assert.Equal(8, field.ByteOffset);
        Assert.True(derived.TryFindField("p", out field));
        Assert.Equal(16, field.ByteOffset);
        Assert.True(derived.TryFindField("reference", out field));
        Assert.Equal("int *", BtfCFormatter.TypeName(field.Type));
        Assert.True(derived.TryFindField("mode", out field));
        Assert.Equal(200, field.Type.Values[1].Value);
        Assert.False(derived.TryFindField("shared", out _));
        Assert.Equal(6, info.FindType(compiler == "g++" ? "Box<short int, 3>" : "Box<short, 3>")!.Value.ByteSize);
        Assert.NotNull(info.FindType("outer::inner::Derived::Nested"));
        Assert.Null(info.FindType("outer::Derived"));

        Assert.SkipUnless(info.Machine == ElfMachine.X64, "the places are those of x86-64");
        var take = Assert.Single(info.FindFunctions("take")).Parameters;
        Assert.Equal([true, false, false], take.Select(p => p.Location.IsIndirect));
        Assert.Equal([0, 1, 2], take.Select(p => p.Location.ArgumentRegister));
    }

    [Fact]
    public void A_stripped_binary_has_its_debug_information_elsewhere()
    {
        using var program = TestProgram.Compile("gcc", Sources.C, "-g -O1 -Wl,--build-id");
        program.Tool("objcopy", "--only-keep-debug program apart.debug");
        program.Tool("objcopy", "--strip-all --add-gnu-debuglink=apart.debug program stripped");
        string stripped = Path.Combine(program.Folder, "stripped");
        using (var info = DebugInfo.Open(stripped))
        {
            Assert.Equal(Path.Combine(program.Folder, "apart.debug"), info.DebugPath);
            Assert.Equal(4, info.FindFunctions("simple")[0].Parameters.Count);
            Assert.NotNull(info.FileOffset(info.FindFunctions("simple")[0].Addresses[0]));
        }
        using (var elf = ElfFile.Open(stripped))
        {
            string id = Convert.ToHexStringLower(elf.BuildId!.Value.Span);
            string folder = Path.Combine(program.Folder, "by-id", ".build-id", id[..2]);
            Directory.CreateDirectory(folder);
            File.Move(Path.Combine(program.Folder, "apart.debug"), Path.Combine(folder, id[2..] + ".debug"));
        }
        Assert.Null(DebugInfo.TryOpen(stripped));
        Assert.Contains("apart.debug", Assert.Throws<BpfException>(() => DebugInfo.Open(stripped)).Message);
        using (var info = DebugInfo.Open(stripped, Path.Combine(program.Folder, "by-id"))) Assert.Single(info.FindFunctions("main"));
    }

    [Fact]
    public void A_debug_link_without_build_id_is_checked_by_its_checksum()
    {
        using var program = TestProgram.Compile("gcc", Sources.C, "-g -O1 -Wl,--build-id=none");
        program.Tool("objcopy", "--only-keep-debug program apart.debug");
        program.Tool("objcopy", "--strip-all --add-gnu-debuglink=apart.debug program stripped");
        string stripped = Path.Combine(program.Folder, "stripped"), apart = Path.Combine(program.Folder, "apart.debug");
        using (var info = DebugInfo.Open(stripped)) Assert.Single(info.FindFunctions("main"));
        byte[] bytes = File.ReadAllBytes(apart);
        bytes[^1] ^= 1;
        File.WriteAllBytes(apart, bytes);
        Assert.Contains("of another build", Assert.Throws<BpfException>(() => DebugInfo.Open(stripped)).Message);
    }

    [Fact]
    public void Another_name_of_a_function_leads_to_it()
    {
        using var program = TestProgram.Compile("gcc", "int real_name(int x) { return x; }\nextern int other(int) __attribute__((alias(\"real_name\")));\nint main(void) { return other(0); }", "-g -O0");
        using var info = DebugInfo.Open(program.Path);
        Assert.Equal("real_name", Assert.Single(info.FindFunctions("other")).Name);
    }

    [Fact]
    public void Missing_split_units_are_told()
    {
        using var program = TestProgram.Compile("clang", Sources.C, "-g -O1 -gsplit-dwarf");
        foreach (string file in Directory.EnumerateFiles(program.Folder, "*.dwo")) File.Delete(file);
        using var info = DebugInfo.Open(program.Path);
        Assert.Empty(info.FindFunctions("simple"));
        Assert.Contains(".dwo was not found", Assert.Single(info.Missing));
    }

    [Fact]
    public void Split_units_in_a_package_are_found()
    {
        using var program = TestProgram.Compile("clang", Sources.C, "-g -O1 -gdwarf-5 -gsplit-dwarf");
        program.Tool("llvm-dwp", "-e program -o program.dwp");
        foreach (string file in Directory.EnumerateFiles(program.Folder, "*.dwo")) File.Delete(file);
        using var info = DebugInfo.Open(program.Path);
        Assert.Equal(4, Assert.Single(info.FindFunctions("simple")).Parameters.Count);
        Assert.True(info.FindType("struct node")!.Value.TryFindField("foo", out _));
        Assert.Empty(info.Missing);
    }

    [Theory]
    [InlineData("main", "main", null)]
    [InlineData("a::b", "b", "a::b")]
    [InlineData("a::b<c::d>::e(f::g)", "e", "a::b<c::d>::e")]
    [InlineData("a::f(int) const", "f", "a::f")]
    [InlineData("a::operator()(int)", "operator()", "a::operator()")]
    [InlineData("operator<(a, b)", "operator<", null)]
    [InlineData("(anonymous namespace)::f", "f", "(anonymous namespace)::f")]
    [InlineData("core::iter::{closure#0}::x", "x", "core::iter::{closure#0}::x")]
    public void Qualified_names_are_taken_apart(string name, string last, string? qualified) => Assert.Equal((last, qualified), DebugInfo.SplitName(name));
}
