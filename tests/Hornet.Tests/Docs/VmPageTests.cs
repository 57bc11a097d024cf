namespace Hornet.Tests.Docs;

/// <summary>docs/vm.md shows the tests of C# code that run here.</summary>
public class VmPageTests
{
    [Fact]
    public void Every_sample_that_is_run_is_on_the_page()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hornet.slnx"))) folder = folder.Parent;
        string page = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "vm.md"));
        var lines = File.ReadAllLines(Path.Combine(folder.FullName, "tests", "Hornet.Tests", "Machine", "VmSessionSamples.cs"));
        int samples = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            int indent = lines[i].IndexOf("// sample:", StringComparison.Ordinal);
            if (indent < 0) continue;
            int end = Array.FindIndex(lines, i, line => line.TrimStart() == "// end");
            string sample = string.Concat(lines[(i + 1)..end].Select(line => $"{(line.Length > indent ? line[indent..] : "")}\n"));
            Assert.Contains($"```csharp\n{sample}```", page, StringComparison.Ordinal);
            samples++;
        }
        Assert.Equal(3, samples);
    }
}
