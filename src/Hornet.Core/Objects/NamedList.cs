using System.Collections.ObjectModel;

namespace Hornet.Objects;

/// <summary>An editable list whose items are also found by name.</summary>
/// <typeparam name="T">What it holds.</typeparam>
public sealed class NamedList<T> : Collection<T> where T : class
{
    private readonly Func<T, string> _nameOf;
    private readonly string _kind;

    internal NamedList(string kind, Func<T, string> nameOf)
    {
        _kind = kind;
        _nameOf = nameOf;
    }

    /// <summary>The item of that name.</summary>
    /// <exception cref="BpfException">There is none; the message names those there are.</exception>
    public T this[string name]
    {
        get
        {
            if (TryGet(name, out var item)) return item;
            string there = Count == 0 ? $"there are no {_kind}s" : $"there are {string.Join(", ", this.Take(20).Select(_nameOf))}{(Count > 20 ? ", …" : "")}";
            throw new BpfException($"no {_kind} named '{name}': {there}");
        }
    }

    /// <summary>Looks an item up by name.</summary>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? item)
    {
        // Names are editable, so there is no index to go stale; objects have tens of items.
        foreach (var candidate in Items)
        {
            if (_nameOf(candidate) == name)
            {
                item = candidate;
                return true;
            }
        }
        item = null;
        return false;
    }

    /// <summary>Whether there is an item of that name.</summary>
    public bool Contains(string name) => TryGet(name, out _);

    /// <summary>Removes the item of that name.</summary>
    /// <returns>False when there is none.</returns>
    public bool Remove(string name) => TryGet(name, out var item) && Remove(item);
}
