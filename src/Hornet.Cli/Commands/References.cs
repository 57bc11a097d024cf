using System.CommandLine;
using System.Globalization;
using Hornet.Cli.Common;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary>How a person names a kernel object: by id, by the path of its pin, or by its name where that is unambiguous.</summary>
internal static class References
{
    public static Argument<string> Argument(string name, string description) => new(name) { Description = description };

    public static BpfLink Link(string reference)
    {
        if (IsPath(reference)) return BpfFdLink.OpenPinned(reference);
        return BpfFdLink.OpenById(Id(reference, "link")) ?? throw new UserException($"there is no link {reference}. 'hornet link list' shows those there are.");
    }

    public static BpfMap Map(string reference)
    {
        if (IsPath(reference)) return BpfMap.OpenPinned(reference);
        if (IsId(reference, out uint id)) return BpfMap.OpenById(id);
        return BpfMap.OpenById(ByName(reference, "map", Named(BpfMap.OpenAll(), m => (m.GetInfo().Id, m.Name))));
    }

    public static BpfProgram Program(string reference)
    {
        if (IsPath(reference)) return BpfProgram.OpenPinned(reference);
        if (IsId(reference, out uint id)) return BpfProgram.OpenById(id);
        return BpfProgram.OpenById(ByName(reference, "prog", Named(BpfProgram.OpenAll(), p => (p.GetInfo().Id, p.GetInfo().Name))));
    }

    private static bool IsPath(string reference) => reference.Contains('/');

    private static bool IsId(string reference, out uint id) => uint.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    private static uint Id(string reference, string what) =>
        IsId(reference, out uint id) ? id : throw new UserException($"'{reference}' is not the id of a {what}, nor a path. 'hornet {what} list' shows the ids.");

    private static IEnumerable<(uint Id, string Name)> Named<T>(IEnumerable<T> all, Func<T, (uint, string)> name) where T : IDisposable
    {
        foreach (var one in all)
        {
            using (one) yield return name(one);
        }
    }

    private static uint ByName(string name, string what, IEnumerable<(uint Id, string Name)> all)
    {
        var known = all.ToList();
        var found = known.Where(o => o.Name == name).ToList();
        return found.Count switch
        {
            1 => found[0].Id,
            0 => throw new UserException($"there is no {what} '{name}'. {CloseNames.Suggest(name, known.Select(o => o.Name).Where(n => n.Length > 0).Distinct())} 'hornet {what} list' shows those there are.".Replace(".  ", ". ", StringComparison.Ordinal)),
            _ => throw new UserException($"{found.Count} are called '{name}': give the id instead, one of {string.Join(", ", found.Select(o => o.Id))}."),
        };
    }
}
