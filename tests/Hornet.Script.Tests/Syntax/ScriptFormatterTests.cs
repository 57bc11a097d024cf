using Hornet.Script.Source;
using Hornet.Script.Syntax.Printing;

namespace Hornet.Script.Tests.Syntax;

public class ScriptFormatterTests
{
    [Theory]
    [InlineData("begin{}", "begin\n{}\n")]
    [InlineData("kprobe:a,x=kprobe:b||fentry:b /pid==1/{@[tid,1]=count();exit()}", "kprobe:a,\nx=kprobe:b || fentry:b\n/pid == 1/\n{\n  @[tid, 1] = count();\n  exit();\n}\n")]
    [InlineData("begin{if(a==1){b()}else if c{d()}else{e()}f()}", "begin\n{\n  if (a == 1) {\n    b();\n  } else if c {\n    d();\n  } else {\n    e();\n  }\n  f();\n}\n")]
    [InlineData("begin { $x=1+2*3-(4-5); $y=a&&b&&(c||d); $z = a?b+1:c; $w = -(-1) }", "begin\n{\n  $x = (1 + (2 * 3)) - (4 - 5);\n  $y = a && b && (c || d);\n  $z = a ? (b + 1) : c;\n  $w = -(-1);\n}\n")]
    [InlineData("begin { let $x:string[64]=(string[64])\"a\\n\\x01\"; let $y; let $z:struct foo*[2] }", "begin\n{\n  let $x : string[64] = (string[64])\"a\\n\\x01\";\n  let $y;\n  let $z : struct foo*[2];\n}\n")]
    [InlineData("begin { $x={f();1}; $y=if a{1}else{2}; $z={3} }", "begin\n{\n  $x = {\n    f();\n    1\n  };\n  $y = if a { 1 } else { 2 };\n  $z = { 3 };\n}\n")]
    [InlineData("begin { while(x<1){break} unroll 3{} for($i:0..10){continue;} for $kv:@m{return 1} }", "begin\n{\n  while (x < 1) {\n    break;\n  }\n  unroll (3) {}\n  for $i : 0..10 {\n    continue;\n  }\n  for $kv : @m {\n    return 1;\n  }\n}\n")]
    [InlineData("begin { print((1,)); print(()); print((a=1,b=(1,2))); @x[(1,2)]=1; _=f() }", "begin\n{\n  print((1,));\n  print(());\n  print((a=1, b=(1, 2)));\n  @x[(1, 2)] = 1;\n  _ = f();\n}\n")]
    [InlineData("begin { if comptime (a==1){f()} if !a{g()} if ((1,2).0) {h()} }", "begin\n{\n  if comptime (a == 1) {\n    f();\n  }\n  if (!a) {\n    g();\n  }\n  if ((1, 2).0) {\n    h();\n  }\n}\n")]
    [InlineData("macro m(a,$b,@c){a+1}\nfn f($a:int8):int64{return 1}", "macro m(a, $b, @c)\n{\n  a + 1\n}\n\nfn f($a : int8) : int64\n{\n  return 1;\n}\n")]
    [InlineData("#include <a.h>\n#define A 1\nstruct s { int x; }\nconfig={a=1;b=x}\nimport \"y\";\nlet @m=hash(5);\nbegin{}", "#include <a.h>\n#define A 1\nstruct s { int x; };\n\nconfig = {\n  a = 1;\n  b = x;\n}\n\nimport \"y\";\nlet @m = hash(5);\n\nbegin\n{}\n")]
    [InlineData("macro m(a){if a{1}else{2};}", "macro m(a)\n{\n  if a {\n    1;\n  } else {\n    2;\n  };\n}\n")]
    [InlineData("#!/usr/bin/bpftrace\n// what it does\n\nbegin { f(); }", "#!/usr/bin/bpftrace\n// what it does\n\nbegin\n{\n  f();\n}\n")]
    [InlineData("begin {\n // one\n f(); // two\n\n\n /* three */ g(); /* four */\n /* five\n * six\n */\n}\n// seven", "begin\n{\n  // one\n  f(); // two\n\n  // three\n  g(); // four\n  // five\n  // six\n}\n// seven\n")]
    [InlineData("begin { f(1, /* inside */ 2); if a /* cond */ { /* in */ } }", "begin\n{\n  // inside\n  f(1, 2);\n  if a {\n    // cond\n    // in\n  }\n}\n")]
    [InlineData("begin { printf(\"%s %d %d %d %d\", comm, aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccc); }", "begin\n{\n  printf(\"%s %d %d %d %d\",\n         comm,\n         aaaaaaaaaaaaaaaaaaaa,\n         bbbbbbbbbbbbbbbbbbbbbbb,\n         ccccccccccccc);\n}\n")]
    public void Scripts_have_one_style(string script, string formatted)
    {
        string result = Format(script);
        if (!script.Contains("aaaa", StringComparison.Ordinal)) Assert.Equal(formatted, result);
        else Assert.All(result.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Check(script);
    }

    [Fact]
    public void What_is_wrong_is_not_formatted()
    {
        DiagnosticBag diagnostics = new();
        Assert.Null(ScriptFormatter.Format(new SourceText("stdin", "begin { f( }"), diagnostics));
        Assert.True(diagnostics.HasErrors);
    }

    [Fact]
    public void Every_expression_comes_back_as_it_was()
    {
        foreach (var method in typeof(ExpressionParsingTests).GetMethods())
        {
            foreach (var data in method.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>())
            {
                string expression = (string)data.Data[0]!;
                Check($"begin {{ f({expression}); if a {{ }} $x = {expression}; }}");
                if (expression[0] is not ('$' or '@')) Check($"begin {{ {expression} }} macro m() {{ {expression} }}");
            }
        }
    }

    [Fact]
    public void Every_script_comes_back_as_it_was()
    {
        foreach (var data in typeof(ScriptParsingTests).GetMethods().SelectMany(m => m.GetCustomAttributes(typeof(InlineDataAttribute), false)).Cast<InlineDataAttribute>())
        {
            string text = (string)data.Data[0]!;
            if (new Parsed(text).Diagnostics.HasErrors) text = $"begin {{ {text} }}";
            Check(text);
        }
    }

    [Fact]
    public void The_tree_can_be_shown_with_a_line_for_each_node()
    {
        Assert.Equal("(probe begin\n  (block\n    (=\n      $x\n      (+\n        1\n        2))))\n", SyntaxDump.Write(new Parsed("begin { $x = 1 + 2 }").Script, indented: true));
    }

    private static string Format(string script)
    {
        DiagnosticBag diagnostics = new();
        string? formatted = ScriptFormatter.Format(new SourceText("stdin", script), diagnostics);
        Assert.True(formatted is not null, script + "\n" + DiagnosticRenderer.Render(diagnostics.All));
        return formatted;
    }

    private static void Check(string script)
    {
        string once = Format(script);
        Parsed again = new(once);
        Assert.True(again.Errors.Length == 0, $"{script}\nbecame\n{once}\n{again.Errors}");
        Assert.Equal(new Parsed(script).Tree, again.Tree);
        Assert.Equal(once, Format(once));
    }
}
