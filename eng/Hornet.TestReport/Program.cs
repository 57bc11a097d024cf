using System.Globalization;
using Hornet.TestReport;

// usage: Hornet.TestReport FOLDER [--complete]
// Prints what failed, what was skipped where and why, a table of runs, and the line "N passed, N failed, N skipped".
// Exit code 1 when anything failed, a run broke off, no test passed in a run (--complete) or in all, or (--complete) a test
// was skipped in every run.

// What exists neither on a development machine that is itself virtual nor in an emulated one: how the skip reason begins, and
// why that is so.
(string SkipReason, string Why)[] nowhere =
[
    ("needs a hardware PMU: ", "an emulated processor has no performance counters, and cloud machines show none"),
];

string folder = args[0];
bool complete = args.Contains("--complete");
var runs = TestRun.ReadAll(folder);
bool bad = false;

foreach (var run in runs)
{
    foreach (var result in run.Results.Where(r => r.Outcome == Outcome.Failed))
    {
        bad = true;
        Console.WriteLine($"\nFAILED on {run.Where}: {result.Name}");
        foreach (string line in result.Detail.Split('\n').Take(30)) Console.WriteLine($"    {line.TrimEnd()}");
    }
    if (run.BrokenBy is { } reason)
    {
        bad = true;
        Console.WriteLine($"\nBROKEN OFF on {run.Where}: {run.Assembly}: {reason}");
    }
}

PrintMatrix(runs);
PrintSkips(runs);
if (complete && SkippedEverywhere(runs)) bad = true;
foreach (var run in runs.Where(r => complete && r.BrokenBy is null && r.Count(Outcome.Passed) == 0))
{
    bad = true;
    Console.WriteLine($"\nNO TEST PASSED on {run.Where}: {run.Assembly}");
}

Console.WriteLine();
Console.WriteLine($"{"run",-34} {"passed",7} {"failed",7} {"skipped",8} {"seconds",8}");
foreach (var run in runs)
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Assembly + " on " + run.Where,-34} {run.Count(Outcome.Passed),7} {run.Count(Outcome.Failed),7} {run.Count(Outcome.Skipped),8} {run.Results.Sum(r => r.Seconds),8:F0}{(run.BrokenBy is null ? "" : "  broken off")}"));

int passed = runs.Sum(r => r.Count(Outcome.Passed)), failed = runs.Sum(r => r.Count(Outcome.Failed)) + runs.Count(r => r.BrokenBy is not null && r.Count(Outcome.Failed) == 0);
int skipped = runs.Sum(r => r.Count(Outcome.Skipped));
if (passed == 0)
{
    Console.WriteLine("no test ran");
    bad = true;
}
Console.WriteLine();
Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
return bad || failed > 0 ? 1 : 0;

// Tests × kernels, by class: a number is how many passed; F failed, - skipped.
static void PrintMatrix(List<TestRun> runs)
{
    var kernel = runs.Where(r => r.Assembly.EndsWith("KernelTests", StringComparison.Ordinal)).ToList();
    if (kernel.Count < 2) return;
    string[] classes = [.. kernel.SelectMany(r => r.Results).Select(r => ClassOf(r.Name)).Distinct().Order(StringComparer.Ordinal)];
    Console.WriteLine($"\n{"tests passed, by class and kernel",-52}{string.Concat(kernel.Select(r => $"{r.Where,9}"))}");
    foreach (string name in classes)
    {
        Console.Write($"{name,-52}");
        foreach (var run in kernel)
        {
            var mine = run.Results.Where(r => ClassOf(r.Name) == name).ToList();
            int ok = mine.Count(r => r.Outcome == Outcome.Passed), wrong = mine.Count(r => r.Outcome == Outcome.Failed);
            Console.Write($"{(wrong > 0 ? $"{ok} F{wrong}" : ok > 0 ? $"{ok}" : "-"),9}");
        }
        Console.WriteLine();
    }
}

static void PrintSkips(List<TestRun> runs)
{
    var skips = runs.SelectMany(run => run.Results.Where(r => r.Outcome == Outcome.Skipped).Select(r => (run.Where, r.Detail)))
        .GroupBy(s => s.Detail).OrderByDescending(g => g.Count()).ToList();
    if (skips.Count == 0) return;
    Console.WriteLine("\nskipped, by reason:");
    foreach (var group in skips.Take(60))
        Console.WriteLine($"  {group.Count(),4}  {group.Key.Split('\n')[0]}  [{string.Join(" ", group.GroupBy(s => s.Where).Select(g => $"{g.Key}:{g.Count()}"))}]");
    if (skips.Count > 60) Console.WriteLine($"        and {skips.Count - 60} more reasons");
}

bool SkippedEverywhere(List<TestRun> runs)
{
    var all = runs.SelectMany(r => r.Results).ToList();
    // A theory that is skipped as a whole has no arguments in its name; where it runs, each row has.
    HashSet<string> ran = [.. all.Where(r => r.Outcome != Outcome.Skipped).SelectMany(r => new[] { r.Name, MethodOf(r.Name) })];
    bool any = false;
    foreach (var group in all.GroupBy(r => r.Name).Where(g => !ran.Contains(g.Key)))
    {
        string[] reasons = [.. group.Select(r => r.Detail).Distinct()];
        // The excuse has to hold everywhere.
        string? excuse = nowhere.FirstOrDefault(n => Array.TrueForAll(reasons, r => r.StartsWith(n.SkipReason, StringComparison.Ordinal))).Why;
        Console.WriteLine($"\nRAN NOWHERE: {group.Key}: {string.Join("; ", reasons)}{(excuse is null ? "" : $" (allowed: {excuse})")}");
        any |= excuse is null;
    }
    return any;
}

static string MethodOf(string test)
{
    int arguments = test.IndexOf('(');
    return arguments < 0 ? test : test[..arguments];
}

static string ClassOf(string test)
{
    string name = MethodOf(test);
    int method = name.LastIndexOf('.');
    string type = method < 0 ? name : name[..method];
    return type.StartsWith("Hornet.KernelTests.", StringComparison.Ordinal) ? type["Hornet.KernelTests.".Length..] : type;
}
