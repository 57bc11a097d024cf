// Mutation fuzzing of everything that reads bytes or text from outside.
//
//   bench/fuzz                          every target, 10 s each
//   bench/fuzz elf btf --inputs 2000000 these targets, so many inputs each
//   bench/fuzz --seconds 60 --seed 7
//   bench/fuzz elf --input FILE         one input, with the stack of what it throws
//   bench/fuzz --self-check             only looks for the defects that are planted for it
//   bench/fuzz vm 1000000               so many random programs in both engines of the user-space machine, which must agree
//
// An input that makes a parser throw anything but its declared error, take over a second or allocate over 256 MiB is
// written to the --out folder and counts as a failure. A process that dies leaves its last input there as TARGET.current.
using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using Hornet.Fuzz;

if (args is ["vm", .. var rest]) return VmFuzz.Run(rest);

var all = FuzzTargets.All.Concat(TracingTargets.All).Concat(ScriptFuzzTargets.All).ToDictionary();
const int SlowMilliseconds = 1000;
const long LargeBytes = 256L << 20;

List<string> targets = [];
long inputs = long.MaxValue;
double seconds = 10;
int seed = 1;
string folder = Path.Combine(Path.GetTempPath(), "hornet-fuzz");
string? single = null;
bool onlySelfCheck = false;
for (int n = 0; n < args.Length; n++)
{
    switch (args[n])
    {
        case "--inputs": inputs = long.Parse(args[++n], CultureInfo.InvariantCulture); seconds = double.MaxValue; break;
        case "--seconds": seconds = double.Parse(args[++n], CultureInfo.InvariantCulture); break;
        case "--seed": seed = int.Parse(args[++n], CultureInfo.InvariantCulture); break;
        case "--out": folder = args[++n]; break;
        case "--input": single = args[++n]; break;
        case "--self-check": onlySelfCheck = true; break;
        case var name when all.ContainsKey(name): targets.Add(name); break;
        default:
            Console.Error.WriteLine($"'{args[n]}' is no target ({string.Join(", ", all.Keys)}) and no option");
            return 1;
    }
}
if (targets.Count == 0) targets = [.. all.Keys];
if (single is not null)
{
    foreach (string target in targets) Console.WriteLine($"{target}: {(FuzzTargets.Run(target, all[target], File.ReadAllBytes(single)) ? "accepted" : "refused")}");
    return 0;
}

Directory.CreateDirectory(folder);
// Every run first shows that it would find something.
int planted = Fuzz(PlantedDefects.Target, PlantedDefects.Run, 200_000, double.MaxValue, TextWriter.Null, PlantedDefects.Count);
if (planted != PlantedDefects.Count)
{
    Console.Error.WriteLine($"the fuzzer found {planted} of the {PlantedDefects.Count} defects that were planted for it: it would miss real ones");
    return 2;
}
Console.WriteLine($"self-check: all {planted} planted defects found");
if (onlySelfCheck) return 0;

int failures = 0;
Console.WriteLine($"{"target",-8} {"inputs",12} {"accepted",12} {"inputs/s",10} {"slowest",10} {"failures",9}");
foreach (string target in targets) failures += Fuzz(target, all[target], inputs, seconds, Console.Out);
return failures == 0 ? 0 : 1;

int Fuzz(string target, Action<byte[]> parser, long most, double time, TextWriter output, int enough = int.MaxValue)
{
    var (corpus, words) = Seeds.For(target);
    Mutator mutator = new(seed, corpus, words);
    string currentPath = Path.Combine(folder, target + ".current");
    using var current = MemoryMappedFile.CreateFromFile(currentPath, FileMode.Create, null, 512 * 1024);
    using var view = current.CreateViewAccessor();
    HashSet<string> seen = [];
    long count = 0, accepted = 0;
    TimeSpan slowest = default;
    long start = Stopwatch.GetTimestamp();
    for (; count < most && seen.Count < enough && Stopwatch.GetElapsedTime(start).TotalSeconds < time; count++)
    {
        byte[] data = count < corpus.Count ? corpus[(int)count] : mutator.Next();
        // A stack overflow cannot be caught: the file tells afterwards what it was.
        view.Write(0, data.Length);
        view.WriteArray(4, data, 0, Math.Min(data.Length, 512 * 1024 - 4));
        long began = Stopwatch.GetTimestamp(), allocated = GC.GetAllocatedBytesForCurrentThread();
        string? failure = null;
        try
        {
            if (FuzzTargets.Run(target, parser, data)) accepted++;
        }
        catch (Exception e)
        {
            failure = $"{e.GetType().Name} at {e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("Hornet.", StringComparison.Ordinal) && !l.Contains("Hornet.Fuzz", StringComparison.Ordinal))?.Trim()}: {e.Message}";
        }
        var took = Stopwatch.GetElapsedTime(began);
        if (took > slowest) slowest = took;
        long used = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (took.TotalMilliseconds > SlowMilliseconds && failure is null && !seen.Contains("slow"))
        {
            // On a busy machine time passes for other reasons too: it must be slow every time.
            for (int again = 0; again < 3 && took.TotalMilliseconds > SlowMilliseconds; again++)
            {
                began = Stopwatch.GetTimestamp();
                FuzzTargets.Run(target, parser, data);
                took = Stopwatch.GetElapsedTime(began);
            }
            if (took.TotalMilliseconds > SlowMilliseconds) failure = $"took {took.TotalMilliseconds:F0} ms";
        }
        if (used > LargeBytes) failure ??= $"allocated {used >> 20} MiB";
        if (failure is null) continue;
        // One input per place is enough.
        string key = failure.Split(": ")[0].Split(" in ")[0];
        if (!seen.Add(key.StartsWith("took", StringComparison.Ordinal) ? "slow" : key.StartsWith("allocated", StringComparison.Ordinal) ? "large" : key)) continue;
        if (target == PlantedDefects.Target) continue;
        string path = Path.Combine(folder, $"{target}-{Convert.ToHexString(SHA256.HashData(data))[..12]}.bin");
        File.WriteAllBytes(path, data);
        output.WriteLine($"  {target}: {failure}\n    input {count} of seed {seed}, {data.Length} bytes: {path}");
    }
    double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
    output.WriteLine(FormattableString.Invariant($"{target,-8} {count,12} {accepted,12} {count / elapsed,10:F0} {slowest.TotalMilliseconds,7:F1} ms {seen.Count,9}"));
    if (seen.Count == 0 || target == PlantedDefects.Target) File.Delete(currentPath);
    return seen.Count;
}
