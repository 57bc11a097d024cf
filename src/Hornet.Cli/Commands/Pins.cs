using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary>What is pinned in the BPF file systems of this machine.</summary>
internal sealed class Pins
{
    private readonly Dictionary<(OwnedKind, uint), List<string>> _paths = [];

    /// <summary>Walks every mounted BPF file system and asks each pin what it is.</summary>
    public static Pins Scan()
    {
        var pins = new Pins();
        foreach (string mount in File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')).Where(f => f.Length > 2 && f[2] == "bpf").Select(f => f[1]).Distinct())
        {
            try
            {
                foreach (string path in Directory.EnumerateFiles(mount, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)) pins.Add(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not ours to read, or removed while we walked.
            }
        }
        return pins;
    }

    public IEnumerable<string> Of(OwnedKind kind, uint id) => _paths.TryGetValue((kind, id), out var paths) ? paths : [];

    /// <summary>The <c>unpin</c> subcommand, alike for programs, maps and links.</summary>
    public static Command Unpin(string what)
    {
        var path = new Argument<string>("PATH") { Description = $"Where the {what} is pinned" };
        var command = new Command("unpin", $"Remove a pin; the {what} goes when nothing else holds it") { path };
        command.SetAction(parsed =>
        {
            string target = parsed.GetValue(path)!;
            // Only pins are removed here: a mistyped path must not delete somebody's file.
            if (Identify(target) is not { } pinned) throw new UserException($"'{target}' is not a pinned BPF object.");
            string kind = pinned.Kind switch { OwnedKind.Program => "prog", OwnedKind.Map => "map", _ => "link" };
            if (kind != what) throw new UserException($"'{target}' is a {kind}, not a {what}. Use 'hornet {kind} unpin'.");
            File.Delete(target);
            return ExitCode.Done;
        });
        return command;
    }

    private void Add(string path)
    {
        if (Identify(path) is not { } found) return;
        if (!_paths.TryGetValue(found, out var list)) _paths[found] = list = [];
        list.Add(path);
    }

    private static (OwnedKind Kind, uint Id)? Identify(string path) =>
        Try<(OwnedKind, uint)>(() =>
        {
            using var program = BpfProgram.OpenPinned(path);
            return (OwnedKind.Program, program.GetInfo().Id);
        })
        ?? Try<(OwnedKind, uint)>(() =>
        {
            using var map = BpfMap.OpenPinned(path, MapAccess.ReadOnly);
            return (OwnedKind.Map, map.GetInfo().Id);
        })
        ?? Try<(OwnedKind, uint)>(() =>
        {
            using var link = BpfFdLink.OpenPinned(path);
            return (OwnedKind.Link, link.GetInfo().Id);
        });

    private static T? Try<T>(Func<T> open) where T : struct
    {
        try
        {
            return open();
        }
        catch (BpfException)
        {
            return null;
        }
    }
}
