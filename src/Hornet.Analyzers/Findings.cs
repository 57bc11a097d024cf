using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace Hornet.Analyzers;

/// <summary>What was reported in one compilation: a method that many programs call is told once.</summary>
internal sealed class Findings
{
    private readonly ConcurrentDictionary<(string Id, Location At), bool> _reported = new();

    /// <summary>Whether a finding is new.</summary>
    public bool Add(string id, Location at) => _reported.TryAdd((id, at), true);
}
