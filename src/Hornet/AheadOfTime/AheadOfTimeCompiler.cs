using System.Reflection;
using Hornet.Compiler;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL;
using Hornet.IL.Symbols;
using Hornet.Maps;
using Hornet.Objects;

namespace Hornet;

/// <summary>
/// Makes objects of methods that are marked with a kind of program (<see cref="TracepointAttribute"/>…). Needs neither a
/// kernel nor privileges: maps in static read-only fields are only described. Static constructors of the classes do run,
/// since nothing else knows what they give their fields.
/// </summary>
public static class AheadOfTimeCompiler
{
    /// <summary>The marked methods of an assembly, in the order of their declaration.</summary>
    public static IReadOnlyList<MethodInfo> FindPrograms(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        const BindingFlags declared = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return [.. assembly.GetTypes().SelectMany(type => type.GetMethods(declared)).Where(method => method.IsDefined(typeof(BpfProgramAttribute), false)).OrderBy(method => method.MetadataToken)];
    }

    /// <summary>Compiles marked methods into one object.</summary>
    /// <param name="methods">The methods.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="options">What to compile for; null for every kernel from 5.12 on.</param>
    /// <exception cref="CompilationException">Something cannot be compiled; all reasons, of all methods, are in it.</exception>
    public static CompilationResult Compile(IReadOnlyList<MethodInfo> methods, string name, CompilerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (methods.Count == 0) throw new ArgumentException("There are no methods to compile.", nameof(methods));
        options = (options ?? new CompilerOptions()) with { Relocatable = true };
        List<Diagnostic> diagnostics = [];
        List<(IrModule Module, string Section)> programs = [];
        NamedConstants constants = new([.. methods.Select(method => method.DeclaringType!).Distinct()]);
        HashSet<string> names = [];
        SourceLines lines = new();
        using (new MapDeclarationScope())
        {
            foreach (var method in methods)
            {
                try
                {
                    var kind = KindOf(method);
                    string program = kind.ProgramName ?? method.Name;
                    if (!names.Add(program)) program = $"{method.DeclaringType!.Name}_{program}";
                    var module = kind.Code(method).AheadOfTime(program, constants).Translate(options);
                    lines.Attach(module);
                    programs.Add((module, kind.Section));
                }
                catch (CompilationException e)
                {
                    diagnostics.AddRange(e.Diagnostics);
                }
            }
        }
        diagnostics.AddRange(CheckMaps(programs.Select(p => p.Module)));
        if (diagnostics.Count > 0) throw new CompilationException(diagnostics);
        var result = BpfCompiler.Compile([.. programs.Select(p => p.Module)], name, options);
        for (int i = 0; i < programs.Count; i++)
        {
            var program = result.Object.Programs[i];
            program.SectionName = programs[i].Section;
            SectionTable.Find(program.SectionName, out string? target);
            program.AttachTo = target;
        }
        return result;
    }

    /// <summary>The line a method begins at; null without symbols.</summary>
    internal static SourceLocation? LocationOf(MethodInfo method) => SymbolReader.Of(method).Ranges is [var first, ..]
        ? SourceText.Attach(new SourceLocation { File = first.File, Line = first.Line, Column = first.Column, EndLine = first.EndLine, EndColumn = first.EndColumn, Method = NameOf(method) })
        : null;

    internal static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static BpfProgramAttribute KindOf(MethodInfo method)
    {
        var kind = method.GetCustomAttribute<BpfProgramAttribute>()
            ?? throw Error(method, $"{NameOf(method)} is not marked with a kind of program, such as [Tracepoint(\"sched:sched_switch\")]");
        if (!method.IsStatic) throw Error(method, $"{NameOf(method)} is an instance method; the object it would be called on does not exist yet");
        if (method.ContainsGenericParameters) throw Error(method, $"{NameOf(method)} has type parameters, which nobody gives it");
        return kind;
    }

    private static CompilationException Error(MethodInfo method, string message) => new([Diagnostic.Error(AheadOfTimeRules.Signature, LocationOf(method), message)]);

    // In an object file a map is its name, which C can write.
    private static IEnumerable<Diagnostic> CheckMaps(IEnumerable<IrModule> modules)
    {
        Dictionary<string, BpfMap> known = [];
        foreach (var map in modules.SelectMany(module => module.Maps).Select(symbol => symbol.Map).OfType<BpfMap>().Distinct())
        {
            if (map.Name.Length == 0 || char.IsAsciiDigit(map.Name[0]) || map.Name.Any(c => c != '_' && !char.IsAsciiLetterOrDigit(c)))
                yield return Diagnostic.Error(AheadOfTimeRules.MapName, null, $"'{map.Name}' is no name of a map in an object file");
            else if (!known.TryAdd(map.Name, map))
                yield return Diagnostic.Error(AheadOfTimeRules.MapName, null, $"there are two maps named '{map.Name}'");
        }
    }
}
