namespace Hornet.Script.Dialects;

/// <summary>A script of a related language, in ours.</summary>
/// <param name="Dialect">The other language's name.</param>
/// <param name="Option">What <c>--dialect</c> calls it.</param>
/// <param name="Notes">What is not the same, or could not be said in ours; a sentence each.</param>
internal sealed record Translation(string Dialect, string Option, string Script, IReadOnlyList<string> Notes);

/// <summary>What a translation asks of the machine.</summary>
/// <param name="Arguments">The names of a system call's arguments, by the name or pattern of its tracepoint (<c>syscalls:sys_enter_read</c>); empty when they are not known.</param>
internal sealed record DialectFacts(Func<string, IReadOnlyList<string>> Arguments);

/// <summary>A clause: probes, perhaps a predicate, and a body.</summary>
/// <param name="Front">Comments and blanks in front.</param>
/// <param name="Body">Between the braces; null when there are none.</param>
internal sealed record ForeignClause(string Front, IReadOnlyList<string> Probes, IReadOnlyList<ForeignToken>? Predicate, IReadOnlyList<ForeignToken>? Body);
