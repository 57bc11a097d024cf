using System.Text;
using Hornet.Fuzz;

namespace Hornet.Script.Tests.Syntax;

public class BrokenScriptTests
{
    /// <summary>A short run of what the fuzzer does for hours.</summary>
    [Theory]
    [InlineData("script")]
    [InlineData("scriptc")]
    [InlineData("scriptfmt")]
    public void Broken_text_gives_diagnostics_and_nothing_else(string target)
    {
        List<byte[]> corpus = [.. ScriptFuzzTargets.Corpus(target).Select(Encoding.UTF8.GetBytes)];
        Mutator mutator = new(20, corpus, [.. ScriptFuzzTargets.Words(target).Select(Encoding.UTF8.GetBytes)]);
        for (int i = 0; i < 500; i++) ScriptFuzzTargets.All[target](i < corpus.Count ? corpus[i] : mutator.Next());
    }
}
