using System.Text;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Syntax.C;
using Hornet.Script.Syntax.Parsing;
using Hornet.Script.Syntax.Printing;
using Hornet.Script.Types;

namespace Hornet.Fuzz;

/// <summary>
/// The texts of the tracing language: whatever is wrong comes out as a diagnostic with a place inside the text, never as an
/// exception; what is formatted means what it did. The unit tests run the same targets for a short time.
/// </summary>
internal static class ScriptFuzzTargets
{
    private const string Script =
        """
        #!/usr/bin/env bpftrace
        // comment
        config = { max_strlen = 64; stack_mode = perf; missing_probes = "warn"; flag = true }
        import "lib.bt";
        let @m = hash(1024);
        macro add($a, @b, c) { $a = c; if comptime is_str(c) { 1 } else { @b[c, 1] + 2 } }
        fn f($x : struct foo *[4], $y : (int8, string[16])) : uint64 { return (uint64)$x->next.size[2]; }
        x=kprobe:vfs_* || fentry:vfs_*, uprobe:/bin/bash:"a b",
        /pid == 1 && comm != "x\n\x41\101" / 2 > 0/ {
          $x = 1_000 + 0x1F * 1e6 - 5ms; let $y : typeof($x) = (uint8)-1; _ = f($x);
          @start[tid, $x] = nsecs; @ += 1; @h = hist(@start[tid, $x] / 1000); $z = a ?: b ? 1 : 2;
          if $x > 3 { print((1, "a", (b=1, c=(2,)))); } else if ($y) { exit() } else { $y++; --@m[1] }
          for ($i : 0..$#) { break; } for $kv : @m { print($kv.0) } while (1) { continue } unroll(3) { f() }
          $s = { g(); 1 }; $t = if a { 1 } else { { 2 } }; print(sizeof(struct foo *) + offsetof(struct foo, a.b) + typeinfo($x).0);
          *$p.q[1]->r = 3; &$x; &@m; !$1; ~-$2; comptime 1 + 2; return; // end
        }
        """;

    private const string C =
        """
        #include <stddef.h>
        #include "own.h"
        #ifndef BPFTRACE_HAVE_BTF
        # define ONE 1
        #elif defined(X) && __has_include(<x.h>) || (2 << 3) / 1 == 'a' ? 0 : ~0u
        # error "no"
        #else
        # define F(a, b...) a ## b #a , ## b __VA_OPT__(c)
        #endif
        #define G(...) F(1, __VA_ARGS__) \
          + ONE
        #pragma pack(push, 2)
        struct list { struct list *next, **prev; unsigned a : 3, : 0, b : 5; char name[16]; int (*f)(int, char *[2]); };
        union __attribute__((packed, aligned(8))) data { long long number; struct { uint8_t low, high[sizeof(struct list)]; }; };
        enum state { RUNNING, SLEEPING = 4 + ONE, DEAD = -1 };
        typedef struct { enum state s; union data d[2][SLEEPING]; _Bool x; double y; foo_t z; struct task t; } all_t;
        typedef all_t *pointer __attribute__((mode(DI)));
        _Static_assert(sizeof(union data) > 1, "small");
        static inline int body(int x) { return x + 1; }
        extern const char *text[], (*other)(void) = { 0 };
        struct s { all_t all; pointer p; _Alignas(16) int n; } __attribute__((aligned));
        """;

    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["script"] = Parse,
        ["scriptc"] = Declarations,
        ["scriptfmt"] = Format,
    };

    public static IEnumerable<string> Corpus(string target) => target == "scriptc"
        ? [C, .. C.Split("\nstruct", StringSplitOptions.None).Select(p => "struct" + p)]
        : [Script, C + "\nbegin { }", .. Script.Split('\n').Select(l => "begin { " + l + " }"), .. Script.Split('\n')];

    public static string[] Words(string target) => target == "scriptc"
        ? ["#define ", "#if ", "#endif\n", "\n#else\n", "##", "#", "\\\n", "struct ", "union ", "enum ", "{", "}", ";", "(", ")", "[", "]", "*", ":", "sizeof(", "defined", "__VA_ARGS__", "F(", "G", "typedef ", "__attribute__((", "packed", "/*", "*/", "//", "\"", "'", "..."]
        : ["{", "}", "(", ")", "[", "]", ";", ",", "/", "if ", "else ", "comptime ", "for ", "while ", "let ", "macro ", "$x", "@x", "@", "$1", "..", "->", ".0", "++", "&&", "||", "?", ":", "==", "=", "(uint8)", "(typeof(", "sizeof(", "\"", "\\", "//", "/*", "*/", "0x", "1e", "_", "\n", "begin ", "struct "];

    private static void Parse(byte[] data)
    {
        SourceText source = new("fuzz", Encoding.UTF8.GetString(data));
        DiagnosticBag diagnostics = new();
        var script = ScriptParser.Parse(source, diagnostics);
        Check(source, diagnostics);
        _ = SyntaxDump.Write(script, indented: true).Length;
        _ = ScriptParser.ParseExpression(source, new DiagnosticBag());
    }

    private static void Declarations(byte[] data)
    {
        SourceText source = new("fuzz", Encoding.UTF8.GetString(data));
        DiagnosticBag diagnostics = new();
        CEnvironment environment = new();
        environment.Directories.Add("<hornet>");
        environment.AddFile("./own.h", "#pragma once\n#define OWN 1\ntypedef int own_t;\n");
        CompositeTypeInfo task = new("struct task", false, 16, () => [new CompositeField("pid", IntegerType.Int32, 0)]);
        ScriptSyntax script = new(new SourceSpan(source, 0, source.Text.Length)) { CDefinitions = [new CDefinitionsSyntax(new SourceSpan(source, 0, source.Text.Length))] };
        var c = CDeclarations.Read(script, environment, name => name == "struct task" ? new CompositeType(task) : null, diagnostics);
        Check(source, diagnostics);
        foreach (string name in c.TypeNames.Take(100))
        {
            if (!c.TryFindType(name, out var type)) continue;
            _ = type.Size + type.Alignment + type.ToString().Length;
            if (type is not CompositeType { Info: var info }) continue;
            foreach (var field in info.Fields)
            {
                if (field.Offset < 0 || field.BitOffset < 0 || (field.BitSize == 0 && field.Offset + (long)field.Type.Size > info.Size && field.Type is not (ArrayType or StringType)))
                    throw new InvalidOperationException($"{info.Name} of {info.Size} bytes has {field}");
            }
        }
        foreach (string name in c.Macros.Keys.Take(500)) _ = c.TryFindConstant(name, out _);
    }

    private static void Format(byte[] data)
    {
        SourceText source = new("fuzz", Encoding.UTF8.GetString(data));
        DiagnosticBag diagnostics = new();
        if (ScriptFormatter.Format(source, diagnostics) is not { } once) return;
        SourceText formatted = new("formatted", once);
        DiagnosticBag again = new();
        string before = SyntaxDump.Write(ScriptParser.Parse(source, new DiagnosticBag()), indented: true), after = SyntaxDump.Write(ScriptParser.Parse(formatted, again), indented: true);
        if (again.HasErrors) throw new InvalidOperationException("what was formatted cannot be read: " + again.All[0].Message + "\n" + once);
        if (before != after) throw new InvalidOperationException("formatting changed the script:\n" + once);
        if (ScriptFormatter.Format(formatted, new DiagnosticBag()) != once) throw new InvalidOperationException("formatting twice differs:\n" + once);
    }

    private static void Check(SourceText source, DiagnosticBag diagnostics)
    {
        foreach (var diagnostic in diagnostics.All)
        {
            var span = diagnostic.Span;
            if (ReferenceEquals(span.Source, source) && (span.Start < 0 || span.Start > span.End || span.End > source.Text.Length))
                throw new InvalidOperationException($"{diagnostic.Message} at {span.Start}..{span.End} of {source.Text.Length}");
        }
        _ = DiagnosticRenderer.Render(diagnostics.All).Length;
    }
}
