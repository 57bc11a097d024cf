using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Hornet.IL;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet;

/// <summary>
/// The programs of a class that were compiled when its project was built, and lie in the assembly as an object file. Needs
/// no IL and generates no code: works in trimmed applications and ahead-of-time compiled ones.
/// </summary>
public static class BpfPrograms
{
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    /// <summary>The name of the resource that holds a class's programs.</summary>
    public static string ResourceName(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return $"{type.FullName}.bpf.o";
    }

    /// <summary>Opens the object, to look at or to change before it is loaded. Its constants are those of the build.</summary>
    /// <exception cref="BpfException">The assembly has no object for the class.</exception>
    public static BpfObject Open(Type type)
    {
        string name = ResourceName(type);
        using var stream = type.Assembly.GetManifestResourceStream(name)
            ?? throw new BpfException($"The assembly {type.Assembly.GetName().Name} holds no compiled programs of {type.Name}: it has no resource '{name}'. Methods marked with a kind of program are compiled when the project has <HornetCompile>true</HornetCompile> and refers to the package Hornet.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return BpfObject.Parse(bytes, $"{type.Name}.bpf.o");
    }

    /// <summary>
    /// Loads the programs. The maps in the class's static fields are the maps of the programs; its read-only numbers have
    /// the values that they have now.
    /// </summary>
    /// <param name="type">The class.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="VerifierException">The verifier refused a program.</exception>
    /// <exception cref="BpfException">The assembly has no object for the class, or the kernel lacks something.</exception>
    public static LoadedObject Load([DynamicallyAccessedMembers(Fields)] Type type, LoadOptions? options = null)
    {
        var spec = Open(type);
        options ??= new LoadOptions();
        Dictionary<string, BpfMap> maps = new(options.MapReplacements);
        HashSet<string> constants = [.. spec.GlobalNames];
        foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (!field.IsInitOnly) continue;
            if (MapOf(field) is { } map && spec.Maps.Contains(map.Name)) maps.TryAdd(map.Name, map);
            else if (constants.Contains(NamedConstants.PlainName(field))) spec.SetGlobalBytes(NamedConstants.PlainName(field), Bytes(field.GetValue(null)!));
        }
        return spec.Load(options with { MapReplacements = maps });
    }

    private static BpfMap? MapOf(FieldInfo field) =>
        field.FieldType.IsValueType ? null : field.GetValue(null) switch { MapView view => view.Map, BpfMap map => map, _ => null };

    private static byte[] Bytes(object value) => value switch
    {
        bool v => [v ? (byte)1 : (byte)0],
        byte v => [v],
        sbyte v => [(byte)v],
        char v => BitConverter.GetBytes(v),
        short v => BitConverter.GetBytes(v),
        ushort v => BitConverter.GetBytes(v),
        int v => BitConverter.GetBytes(v),
        uint v => BitConverter.GetBytes(v),
        long v => BitConverter.GetBytes(v),
        ulong v => BitConverter.GetBytes(v),
        nint v => BitConverter.GetBytes((long)v),
        nuint v => BitConverter.GetBytes((ulong)v),
        Enum v => Bytes(Convert.ChangeType(v, v.GetTypeCode(), System.Globalization.CultureInfo.InvariantCulture)),
        _ => throw new BpfException($"A {value.GetType().Name} is no constant of a program."),
    };
}
