using System.Runtime.CompilerServices;
using Hornet.IL.Symbols;

namespace Hornet.Tests.IL;

public class SymbolTests
{
    [Fact]
    public void A_lambda_knows_its_file_lines_and_columns()
    {
        int line = Here() + 1;
        Func<int, int> lambda = v => v + 1;
        var symbols = SymbolReader.Of(lambda.Method);
        var range = Assert.Single(symbols.Ranges);
        Assert.EndsWith("SymbolTests.cs", range.File);
        Assert.Equal((line, line), (range.Line, range.EndLine));
        Assert.Equal("v + 1", File.ReadAllLines(range.File)[line - 1][(range.Column - 1)..(range.EndColumn - 1)]);
    }

    [Fact]
    public void Locals_have_their_names_and_instructions_the_range_they_are_in()
    {
        var symbols = SymbolReader.Of(((Delegate)Locals).Method);
        Assert.Equal("sum", symbols.LocalName(0));
        Assert.Null(symbols.LocalName(100));
        var last = symbols.Ranges[^1];
        Assert.Equal(last, symbols.At(last.IlOffset + 1));
        Assert.Equal(symbols.Ranges[0], symbols.At(0));
    }

    [Fact]
    public void A_library_without_symbols_has_none()
    {
        Assert.Empty(SymbolReader.Of(typeof(object).GetMethod(nameof(ToString))!).Ranges);
    }

    private static int Here([CallerLineNumber] int line = 0) => line;

    private static int Locals(int n)
    {
        int sum = n;
        for (int i = 0; i < n; i++) sum += i * sum;
        return sum;
    }
}
