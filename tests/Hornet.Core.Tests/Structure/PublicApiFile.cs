using System.Runtime.CompilerServices;

namespace Hornet.Core.Tests.Structure;

/// <summary>
/// The public surface is what the approved file says; a change shows as a difference in review. With HORNET_ACCEPT=1 the
/// test writes the file instead of comparing.
/// </summary>
internal static class PublicApiFile
{
    public static void Compare(System.Reflection.Assembly assembly, string approvedFile)
    {
        string path = Path.Combine(Repository(), approvedFile), actual = PublicApi.Describe(assembly);
        if (Environment.GetEnvironmentVariable("HORNET_ACCEPT") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }
        Assert.SkipUnless(File.Exists(path), $"there is no {approvedFile} yet: run this test with HORNET_ACCEPT=1 and commit the file");
        string[] approved = Qualified(File.ReadAllText(path)), now = Qualified(actual);
        string[] gone = [.. approved.Except(now).Select(l => "- " + l)], added = [.. now.Except(approved).Select(l => "+ " + l)];
        Assert.True(
            gone.Length + added.Length == 0,
            $"The public surface changed. If that is meant, run the test with HORNET_ACCEPT=1 and commit {approvedFile}.\n{string.Join('\n', gone.Concat(added).Take(100))}");
    }

    /// <summary>Each line with the type it belongs to, so that two types' equal members are different lines.</summary>
    private static string[] Qualified(string text)
    {
        string type = "";
        List<string> lines = [];
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.Length == 0) continue;
            if (line[0] != ' ') type = line;
            lines.Add(line[0] == ' ' ? $"{type.Split(" : ")[0]}: {line.Trim()}" : line);
        }
        return [.. lines];
    }

    /// <summary>The tree this test was compiled in.</summary>
    internal static string Repository([CallerFilePath] string file = "")
    {
        for (DirectoryInfo? folder = new FileInfo(file).Directory; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Hornet.slnx"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException($"no Hornet.slnx above {file}");
    }
}
